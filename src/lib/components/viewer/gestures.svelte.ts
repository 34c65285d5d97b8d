import type { Box, Example, Prompt } from '$models/segmenter.ts';
import type { Prompting, Tool } from '$lib/state/prompting.svelte.ts';
import type { Point, Viewport } from '$lib/state/viewport.svelte.ts';

/** What is being drawn and is given when the pointer is lifted. */
export type Draft = Extract<Prompt, { kind: 'box' | 'stroke' }> | ({ readonly kind: 'example' } & Example);

interface Pointer extends Point {
	readonly type: string;
}

interface Start {
	/** In the box. */
	readonly at: Point;
	/** Done when the pointer is lifted where it came down; a finger's, which may yet become half of a pinch. */
	readonly tap?: () => void;
}

/** A smaller box is a slip of the hand, in CSS pixels. */
const slip = 4;
/** A finger that moved farther than this did not tap, in CSS pixels. */
const tapReach = 12;

/**
 * Turns pointer events (mouse, pen, touch) into prompts, panning and zooming. One finger uses the tool, two pan and zoom; the
 * middle button and `panning` pan; the right button and Alt turn a tool's sign around.
 */
export class Gestures {
	draft = $state.raw<Draft>();
	/** Where the pointer hovers, in the box. */
	hover = $state.raw<Point>();
	/** The next drag moves the picture: the space bar is held, or no prompt can be given. */
	panning = $state(false);
	/** Whether a drag has moved the picture since this was set to false. */
	panned = false;

	readonly #prompting: Prompting;
	readonly #viewport: Viewport;
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
	readonly #pointers = new Map<number, Pointer>();
	#start?: Start;
	#moving = $state(false);

	constructor(prompting: Prompting, viewport: Viewport) {
		this.#prompting = prompting;
		this.#viewport = viewport;
	}

	/** Whether the picture is being moved. */
	get moving(): boolean {
		return this.#moving;
	}

	/** Whether a point of the box is over the picture. */
	isOver(at: Point): boolean {
		return this.#inside(this.#viewport.toPicture(at));
	}

	/** @param at in the box */
	down(event: PointerEvent, at: Point): void {
		this.#pointers.set(event.pointerId, { ...at, type: event.pointerType });
		this.hover = at;
		if (this.#pointers.size > 1) {
			this.cancel();
			this.#moving = true;
		} else if (event.button === 1 || this.panning) this.#moving = true;
		else this.#begin(at, event.button === 2 || event.altKey, event.pointerType === 'touch');
	}

	move(event: PointerEvent, at: Point): void {
		if (event.pointerType !== 'touch') this.hover = at;
		const before = this.#pointers.get(event.pointerId);
		if (!before) return;
		if (this.#moving) this.#shift(event.pointerId, before, at);
		this.#pointers.set(event.pointerId, { ...at, type: before.type });
		if (!this.#moving) this.#draw(at);
	}

	up(event: PointerEvent, at: Point): void {
		if (!this.#pointers.delete(event.pointerId)) return;
		if (this.#pointers.size > 0) return;
		if (event.pointerType === 'touch') this.hover = undefined;
		const { draft } = this;
		const start = this.#start;
		const moving = this.#moving;
		this.cancel();
		this.#moving = false;
		if (moving || !start) return;
		if (start.tap && distance(start.at, at) <= tapReach) start.tap();
		else if (draft && (draft.kind === 'stroke' || distance(start.at, at) >= slip)) this.#give(draft);
	}

	/** The pointer was taken away, for example by the system. */
	lost(event: PointerEvent): void {
		this.#pointers.delete(event.pointerId);
		if (this.#pointers.size === 0) this.#moving = false;
		this.cancel();
	}

	leave(): void {
		if (this.#pointers.size === 0) this.hover = undefined;
	}

	/** Drops what is being drawn. */
	cancel(): void {
		this.draft = undefined;
		this.#start = undefined;
	}

	#begin(at: Point, turned: boolean, finger: boolean): void {
		const { tool, brushRadius } = this.#prompting;
		const { x, y } = this.#viewport.toPicture(at);
		const click = this.#click(tool, { x, y }, turned);
		if (click) {
			if (!this.#inside({ x, y })) return;
			if (finger) this.#start = { at, tap: click };
			else click();
			return;
		}
		this.#start = { at };
		const corner = { x, y, width: 0, height: 0 };
		if (tool === 'box') this.draft = { kind: 'box', ...corner };
		else if (tool === 'example') this.draft = { kind: 'example', ...corner, positive: !turned };
		else {
			const positive = (tool === 'brush') !== turned;
			this.draft = { kind: 'stroke', points: [[x, y]], radius: brushRadius, positive };
		}
	}

	/** What a tool does with a click, if that is what it is for. */
	#click(tool: Tool, at: Point, turned: boolean): (() => void) | undefined {
		if (tool === 'pick') return () => this.#prompting.toggleAt(at.x, at.y);
		if (tool !== 'point' && tool !== 'negative') return undefined;
		return () => this.#prompting.add({ kind: 'point', ...at, positive: (tool === 'point') !== turned });
	}

	#give(draft: Draft): void {
		if (draft.kind !== 'example') return this.#prompting.add(draft);
		const { x, y, width, height, positive } = draft;
		void this.#prompting.addExample({ x, y, width, height, positive });
	}

	#draw(at: Point): void {
		const { draft } = this;
		const start = this.#start;
		if (!draft || !start) return;
		const point = this.#viewport.toPicture(at);
		if (draft.kind === 'stroke') {
			this.draft = { ...draft, points: [...draft.points, [point.x, point.y]] };
			return;
		}
		this.draft = { ...draft, ...this.#span(this.#viewport.toPicture(start.at), point) };
	}

	/** The part of the picture between two corners. */
	#span(from: Point, to: Point): Box {
		const [a, b] = [this.#clamp(from), this.#clamp(to)];
		return {
			x: Math.min(a.x, b.x),
			y: Math.min(a.y, b.y),
			width: Math.abs(a.x - b.x),
			height: Math.abs(a.y - b.y)
		};
	}

	/** Pans with one pointer; with two, also zooms about their middle. */
	#shift(id: number, before: Point, at: Point): void {
		this.panned = true;
		const other = [...this.#pointers].find(([key]) => key !== id)?.[1];
		if (!other) {
			this.#viewport.pan(at.x - before.x, at.y - before.y);
			return;
		}
		this.#viewport.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
		const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
		const apart = distance(before, other);
		if (apart > 0) this.#viewport.zoom(distance(at, other) / apart, middle);
	}

	#inside({ x, y }: Point): boolean {
		const { width, height } = this.#viewport.picture;
		return x >= 0 && y >= 0 && x < width && y < height;
	}

	#clamp({ x, y }: Point): Point {
		const { width, height } = this.#viewport.picture;
		return { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
	}
}

function distance(a: Point, b: Point): number {
	return Math.hypot(a.x - b.x, a.y - b.y);
}
