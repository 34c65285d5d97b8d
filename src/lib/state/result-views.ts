/** How a result can be looked at, in the order of the buttons. */
export const resultViews = ['checker', 'foreground', 'colour', 'alpha', 'source'] as const;
export type ResultKind = (typeof resultViews)[number];

/** How two results are laid out. */
export const resultLayouts = ['wipe', 'beside'] as const;
export type ResultLayout = (typeof resultLayouts)[number];
