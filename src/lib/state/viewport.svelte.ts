import type { Size } from '$models/frame.ts';

export interface Point {
	readonly x: number;
	readonly y: number;
}

/** Where the picture lies in its box: the CSS pixels that one pixel of the picture takes, and the place of its top left corner. */
export interface View extends Point {
	readonly scale: number;
}

/** Free space around a picture that is fitted, in CSS pixels. */
const margin = 16;
const maxScale = 32;

/** The view that shows the whole picture as large as the box allows, in its middle. */
export function fit(box: Size, picture: Size): View {
	const across = Math.max(1, box.width - 2 * margin) / picture.width;
	const down = Math.max(1, box.height - 2 * margin) / picture.height;
	const scale = Math.min(across, down, maxScale);
	return {
		scale,
		x: (box.width - picture.width * scale) / 2,
		y: (box.height - picture.height * scale) / 2
	};
}

/** Zooms by a factor about a point of the box, which stays where it is, between half the fitted size and 32 times. */
export function zoomAt(view: View, at: Point, factor: number, box: Size, picture: Size): View {
	const smallest = Math.min(fit(box, picture).scale / 2, 1);
	const scale = Math.min(maxScale, Math.max(smallest, view.scale * factor));
	const ratio = scale / view.scale;
	return keepInSight(
		{ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
		box,
		picture
	);
}

/** Moves the view just so far that the picture covers the middle of the box. */
export function keepInSight(view: View, box: Size, picture: Size): View {
	const clamp = (start: number, length: number, middle: number) =>
		Math.min(middle, Math.max(middle - length, start));
	return {
		scale: view.scale,
		x: clamp(view.x, picture.width * view.scale, box.width / 2),
		y: clamp(view.y, picture.height * view.scale, box.height / 2)
	};
}

/** The part of a picture that its box shows: fitted, until the user zooms or pans. */
export class Viewport {
	box = $state.raw<Size>({ width: 1, height: 1 });
	picture = $state.raw<Size>({ width: 1, height: 1 });
	#chosen = $state.raw<View>();

	readonly view = $derived(this.#chosen ?? fit(this.box, this.picture));
	readonly fitted = $derived(this.#chosen === undefined);

	fit(): void {
		this.#chosen = undefined;
	}

	/** Shows the whole of another box; a view that was chosen keeps the same pixel in the middle. */
	resize(box: Size): void {
		if (this.#chosen) {
			const { scale, x, y } = this.#chosen;
			const moved = {
				scale,
				x: x + (box.width - this.box.width) / 2,
				y: y + (box.height - this.box.height) / 2
			};
			this.#chosen = keepInSight(moved, box, this.picture);
		}
		this.box = box;
	}

	/** @param at in the box; its middle when left out */
	zoom(factor: number, at: Point = { x: this.box.width / 2, y: this.box.height / 2 }): void {
		this.#chosen = zoomAt(this.view, at, factor, this.box, this.picture);
	}

	pan(dx: number, dy: number): void {
		const { scale, x, y } = this.view;
		this.#chosen = keepInSight({ scale, x: x + dx, y: y + dy }, this.box, this.picture);
	}

	/** A point of the box in pixels of the picture; it may lie outside of the picture. */
	toPicture({ x, y }: Point): Point {
		return { x: (x - this.view.x) / this.view.scale, y: (y - this.view.y) / this.view.scale };
	}

	/** A point of the picture in CSS pixels of the box. */
	toBox({ x, y }: Point): Point {
		return { x: x * this.view.scale + this.view.x, y: y * this.view.scale + this.view.y };
	}
}
