import { m } from '$lib/i18n/paraglide/messages';
import type { Target } from '$lib/state/targets.ts';

/** A target's colour in CSS. @param colour from 1 to `targetColours` */
export function targetColour(colour: number): string {
	return `var(--color-target-${colour})`;
}

/** What a target is called: by its name, else by its place in the list. */
export function targetName({ id, name }: Target, targets: readonly Target[]): string {
	return name ?? m.target_number({ number: targets.findIndex((target) => target.id === id) + 1 });
}
