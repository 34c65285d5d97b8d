import type { Sam3Config } from './config.ts';
import type { TrackingOptions } from './options.ts';

/** What is remembered of an object on one frame. */
export interface Memory {
	/** The memory encoder's map, [64, g, g] in bfloat16 (as upstream keeps it); dropped when only the pointer is still of use. */
	readonly map?: Uint16Array;
	/** 256 numbers. */
	readonly pointer: Float32Array;
	/** How well the object was seen, 0 to 1. */
	readonly seen: number;
}

/** What an object is attended to by on one frame. */
export interface Selection {
	readonly maps: readonly {
		/** In the table of ages. */
		readonly row: number;
		readonly map: Uint16Array;
	}[];
	readonly pointers: readonly {
		/** In frames, in the direction of travel. */
		readonly age: number;
		readonly pointer: Float32Array;
	}[];
}

/** How a bank remembers. */
export type BankRules = Pick<TrackingOptions, 'memory' | 'seenThreshold' | 'pointers'> &
	Pick<Sam3Config['tracker_config'], 'num_maskmem' | 'max_cond_frame_num'> & {
		/** One more than the tracked frames whose pointers count. */
		readonly pointerFrames: number;
	};

interface Conditioning extends Memory {
	/** Whether it stays for good; otherwise only as long as it is among the nearest. */
	readonly permanent: boolean;
}

/**
 * What one object is remembered by: frames with prompts, which condition all others, and frames that were tracked. Written after
 * `_gather_memory_frame_outputs` and `_get_object_pointers` (transformers, models/sam3_tracker_video) and `frame_filter`
 * (facebookresearch/sam3, sam3_tracker_base.py).
 *
 * Tracking can go on from where it is, and at both ends of what was tracked. What none of these needs is dropped, so that a bank is as
 * large after a thousand frames as after twenty.
 */
export class MemoryBank {
	readonly #conditioning = new Map<number, Conditioning>();
	readonly #tracked = new Map<number, Memory>();
	/** The first and the last frame that was ever tracked. */
	#span: readonly [first: number, last: number] | undefined;

	constructor(private readonly rules: BankRules) {}

	/** Whether a frame has prompts, or counts as if it had. */
	conditions(frame: number): boolean {
		return this.#conditioning.has(frame);
	}

	/** Whether tracking has passed a frame. */
	hasPassed(frame: number): boolean {
		return this.#span !== undefined && frame >= this.#span[0] && frame <= this.#span[1];
	}

	/** Numbers held: the maps', then the pointers'. */
	get held(): { readonly maps: number; readonly pointers: number } {
		const all = [...this.#conditioning.values(), ...this.#tracked.values()];
		return { maps: all.filter(({ map }) => map).length, pointers: all.length };
	}

	/** Remembers a frame that conditions others: with prompts (`permanent`), or confirmed otherwise. */
	condition(frame: number, memory: Memory, permanent: boolean): void {
		this.#tracked.delete(frame);
		this.#conditioning.set(frame, { ...memory, permanent });
	}

	/** Remembers a tracked frame. Of one that conditions others only the map is replaced: it keeps its pointer, and goes on conditioning. */
	write(frame: number, memory: Memory): void {
		const conditioning = this.#conditioning.get(frame);
		if (conditioning) this.#conditioning.set(frame, { ...conditioning, map: memory.map });
		else this.#tracked.set(frame, memory);
	}

	/** Tells it that tracking came to a frame, and drops what is of no use any longer. */
	pass(frame: number, reverse: boolean): void {
		const [first, last] = this.#span ?? [frame, frame];
		this.#span = [Math.min(first, frame), Math.max(last, frame)];
		this.#drop(frame, reverse);
	}

	/** Forgets the tracked frames around one: as many to each side as there are maps in view. */
	forgetAround(frame: number): void {
		const reach = this.rules.num_maskmem;
		for (let at = frame - reach; at <= frame + reach; at++) this.#tracked.delete(at);
	}

	/** What the object is attended to by on a frame that is reached in this direction. */
	select(frame: number, reverse: boolean): Selection {
		const { num_maskmem, pointerFrames, pointers: which } = this.rules;
		const near = this.#nearest(frame);
		const past = this.#past(frame, reverse);
		// A frame with prompts that is not among the nearest counts as any other.
		const far = (at: number) => (near.includes(at) ? undefined : this.#conditioning.get(at));
		const maps: Selection['maps'][number][] = [];
		const remember = (memory: Memory | undefined, row: number) => {
			if (memory?.map) maps.push({ row, map: memory.map });
		};
		for (const at of near) remember(this.#conditioning.get(at), num_maskmem - 1);
		for (let row = 0; row < num_maskmem - 1 && row < past.length; row++) {
			remember(this.#tracked.get(past[row]!) ?? far(past[row]!), row);
		}

		const pointers: Selection['pointers'][number][] = [];
		for (const at of which === 'all' ? this.#conditioning.keys() : near) {
			const age = reverse ? at - frame : frame - at;
			if (age >= 0) pointers.push({ age, pointer: this.#conditioning.get(at)!.pointer });
		}
		for (let age = 1; age < pointerFrames && age <= past.length; age++) {
			const at = past[age - 1]!;
			const memory = this.#tracked.get(at) ?? (which === 'nearest' ? far(at) : undefined);
			if (memory) pointers.push({ age, pointer: memory.pointer });
		}
		return { maps, pointers };
	}

	/** The frames with prompts whose maps are in view: the closest on each side, then those nearest in time. */
	#nearest(frame: number): number[] {
		const most = this.rules.max_cond_frame_num;
		const frames = [...this.#conditioning.keys()];
		if (most < 0 || frames.length <= most) return frames;
		const before = Math.max(...frames.filter((at) => at < frame));
		const after = Math.min(...frames.filter((at) => at >= frame));
		const sides = [before, after].filter(Number.isFinite);
		const others = frames
			.filter((at) => !sides.includes(at))
			.sort((a, b) => Math.abs(a - frame) - Math.abs(b - frame));
		return [...sides, ...others].slice(0, most);
	}

	/** The frames that count as passed on the way to one, the newest first, whether anything is remembered of them or not. */
	#past(frame: number, reverse: boolean): number[] {
		const { memory, seenThreshold, num_maskmem, pointerFrames } = this.rules;
		const step = reverse ? 1 : -1;
		const most = Math.max(num_maskmem, pointerFrames) - 1;
		if (memory === 'newest') return Array.from({ length: most }, (_, i) => frame + (i + 1) * step);
		const seen = [...this.#tracked]
			.filter(([at, { seen }]) => (at - frame) * step > 0 && seen > seenThreshold)
			.map(([at]) => at)
			.sort((a, b) => (a - b) * step)
			.slice(0, most);
		// The frame just before counts even where the object was not seen on it.
		return seen[0] === frame + step ? seen : [frame + step, ...seen];
	}

	#drop(frame: number, reverse: boolean): void {
		const { num_maskmem, pointerFrames } = this.rules;
		const first = Math.min(...this.#tracked.keys());
		const last = Math.max(...this.#tracked.keys());
		const withMap = new Set<number>();
		const needed = new Set<number>();
		const onwards = [
			[frame + (reverse ? -1 : 1), reverse],
			[last + 1, false],
			[first - 1, true]
		] as const;
		for (const [next, backward] of onwards) {
			if (!Number.isFinite(next)) continue;
			const past = this.#past(next, backward);
			const near = this.#nearest(next);
			for (const at of [...near, ...past.slice(0, num_maskmem - 1)]) withMap.add(at);
			for (const at of [...near, ...past.slice(0, pointerFrames - 1)]) needed.add(at);
		}
		for (const [at, memory] of this.#tracked) {
			if (withMap.has(at)) continue;
			if (!needed.has(at)) this.#tracked.delete(at);
			else if (memory.map) this.#tracked.set(at, { pointer: memory.pointer, seen: memory.seen });
		}
		for (const [at, { permanent }] of this.#conditioning) {
			if (!permanent && !withMap.has(at) && !needed.has(at)) this.#conditioning.delete(at);
		}
	}
}
