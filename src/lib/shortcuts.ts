/** Every keyboard shortcut of the page, read by the handlers and by the help sheet. */

export interface Combination {
	/** As in `KeyboardEvent.key`; letters in lower case. */
	readonly key: string;
	/** Ctrl, or Command on a Mac. */
	readonly ctrl?: true;
	readonly shift?: true;
}

export interface Shortcut {
	readonly id: string;
	readonly group: 'playback' | 'view' | 'tools' | 'targets' | 'library' | 'page';
	readonly keys: readonly Combination[];
}

export const shortcuts = [
	{ id: 'play', group: 'playback', keys: [{ key: ' ' }] },
	{ id: 'step-back', group: 'playback', keys: [{ key: 'ArrowLeft' }] },
	{ id: 'step-forward', group: 'playback', keys: [{ key: 'ArrowRight' }] },
	{ id: 'jump-back', group: 'playback', keys: [{ key: 'ArrowLeft', shift: true }] },
	{ id: 'jump-forward', group: 'playback', keys: [{ key: 'ArrowRight', shift: true }] },
	{ id: 'first', group: 'playback', keys: [{ key: 'Home' }] },
	{ id: 'last', group: 'playback', keys: [{ key: 'End' }] },
	{ id: 'range-from', group: 'playback', keys: [{ key: 'i' }] },
	{ id: 'range-to', group: 'playback', keys: [{ key: 'o' }] },

	{ id: 'zoom-in', group: 'view', keys: [{ key: '+' }, { key: '=' }] },
	{ id: 'zoom-out', group: 'view', keys: [{ key: '-' }] },
	{ id: 'zoom-fit', group: 'view', keys: [{ key: '0' }] },
	{ id: 'next-view', group: 'view', keys: [{ key: 'v' }] },
	{ id: 'wipe', group: 'view', keys: [{ key: 'w' }] },
	{ id: 'compare', group: 'view', keys: [{ key: 'c' }] },

	{ id: 'tool-pick', group: 'tools', keys: [{ key: 's' }] },
	{ id: 'tool-point', group: 'tools', keys: [{ key: 'p' }] },
	{ id: 'tool-negative', group: 'tools', keys: [{ key: 'n' }] },
	{ id: 'tool-box', group: 'tools', keys: [{ key: 'b' }] },
	{ id: 'tool-brush', group: 'tools', keys: [{ key: 'd' }] },
	{ id: 'tool-eraser', group: 'tools', keys: [{ key: 'e' }] },
	{ id: 'tool-example', group: 'tools', keys: [{ key: 'x' }] },
	{ id: 'brush-smaller', group: 'tools', keys: [{ key: '[' }] },
	{ id: 'brush-larger', group: 'tools', keys: [{ key: ']' }] },
	{ id: 'undo', group: 'tools', keys: [{ key: 'z', ctrl: true }] },
	{
		id: 'redo',
		group: 'tools',
		keys: [
			{ key: 'z', ctrl: true, shift: true },
			{ key: 'y', ctrl: true }
		]
	},

	{ id: 'find-words', group: 'targets', keys: [{ key: 'f' }] },
	{ id: 'add-target', group: 'targets', keys: [{ key: 't' }] },
	{ id: 'previous-target', group: 'targets', keys: [{ key: ',' }] },
	{ id: 'next-target', group: 'targets', keys: [{ key: '.' }] },
	{ id: 'toggle-target', group: 'targets', keys: [{ key: 'h' }] },
	{ id: 'track', group: 'targets', keys: [{ key: 'k' }] },

	{ id: 'search', group: 'library', keys: [{ key: '/' }] },
	{ id: 'rename', group: 'library', keys: [{ key: 'F2' }] },
	{ id: 'delete', group: 'library', keys: [{ key: 'Delete' }, { key: 'Backspace' }] },

	{ id: 'matte', group: 'page', keys: [{ key: 'm' }] },
	{ id: 'open', group: 'page', keys: [{ key: 'o', ctrl: true }] },
	{ id: 'library', group: 'page', keys: [{ key: 'l' }] },
	{ id: 'cancel', group: 'page', keys: [{ key: 'Escape' }] },
	{ id: 'help', group: 'page', keys: [{ key: '?' }] }
] as const satisfies readonly Shortcut[];

export type ShortcutId = (typeof shortcuts)[number]['id'];
export type ShortcutGroup = Shortcut['group'];

/** What a handler needs of a `KeyboardEvent`. */
type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** The shortcut that a key press means, if any. */
export function shortcutOf(event: Pressed): ShortcutId | undefined {
	if (event.altKey) return undefined;
	return shortcuts.find(({ keys }) => keys.some((keys) => matches(keys, event)))?.id;
}

function matches({ key, ctrl, shift }: Combination, event: Pressed): boolean {
	const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	if (pressed !== key || (event.ctrlKey || event.metaKey) !== (ctrl ?? false)) return false;
	// Signs such as + and ? are typed with Shift on some keyboards and without it on others.
	const sign = key.length === 1 && !/[a-z ]/.test(key);
	return sign || event.shiftKey === (shift ?? false);
}

/** Fields that take whatever is typed. */
const typed =
	'input:not([type=radio], [type=checkbox], [type=range], [type=color]), textarea, select, [contenteditable="true"]';
/** Controls that have a use of their own for the keys that move and press. */
const moved = 'input, [role="slider"], [role="menu"], [role="listbox"], [role="radiogroup"]';
const movingKeys = /^(Arrow.*|Home|End|Page.*|Enter| )$/;

/**
 * Makes a keydown listener: `<svelte:window onkeydown={onShortcut({ play: () => player.toggle() })} />`.
 * Keys typed into fields, into controls that use them, or while a dialog is open, are left alone.
 */
export function onShortcut(
	handlers: Partial<Record<ShortcutId, () => void>>
): (event: KeyboardEvent) => void {
	return (event) => {
		const id = shortcutOf(event);
		const handler = id && handlers[id];
		if (!handler || event.defaultPrevented || belongsElsewhere(event)) return;
		event.preventDefault();
		handler();
	};
}

function belongsElsewhere(event: KeyboardEvent): boolean {
	if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return true;
	const target = event.target instanceof Element ? event.target : null;
	if (!target) return false;
	// Space presses the button that the keyboard has reached; after a mouse click it plays.
	if (event.key === ' ' && target.matches('button:focus-visible, a:focus-visible, summary:focus-visible')) {
		return true;
	}
	return target.closest(typed) !== null || (movingKeys.test(event.key) && target.closest(moved) !== null);
}
