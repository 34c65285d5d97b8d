const colours = 8;

/** The CSS colour of a target; the same colour comes again with every eighth. @param id counted from 1 */
export function targetColour(id: number): string {
	return `var(--color-target-${targetColourIndex(id)})`;
}

/** Which of the theme's target colours is that of a target, from 1 to 8. */
export function targetColourIndex(id: number): number {
	return ((id - 1) % colours) + 1;
}
