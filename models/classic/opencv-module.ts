import cv from '@techstark/opencv-js';

// The module is thenable in an endless way, so it may only leave this file inside another object.
export const wrapped: { readonly cv: unknown } = { cv };
