/** The operators that our networks are written with. */
export * from './attention.ts';
export * from './control.ts';
export * from './elementwise.ts';
export * from './layout.ts';
export * from './linear.ts';
export * from './normalise.ts';
export * from './reduce.ts';
