import type { Tensor } from 'onnxruntime-common';
import type { Mask, Size } from '../frame.ts';
import { requireSize } from '../mask.ts';
import type { Prompt } from '../segmenter.ts';
import { bankFeeds, layoutOf, type BankShape } from './bank-feeds.ts';
import type { MemoryEntry, TrackedObjects, Travel } from './concept-tracker.ts';
import { gridOf } from './config.ts';
import {
	chooseMasks,
	decode,
	ifPresent,
	steadied,
	withoutMemory,
	type DecodedMask,
	type TrackerFeatures,
	type TrackerModel
} from './decode.ts';
import { answerMask, maskInput, maskLogits } from './mask-prompt.ts';
import { encodeMask, encodeMemories } from './memory-maps.ts';
import { MemoryBank, type BankRules, type Memory, type Selection } from './memory-bank.ts';
import type { Sam3Options } from './options.ts';
import { promptedMask } from './prompted.ts';
import { readPrompts } from './prompts.ts';
import { Refinement } from './refine.ts';

/** An object on one frame. `logits` are s x s, -1024 all over where it is not seen; `score` is of its being there, a logit. */
export interface Tracked extends DecodedMask {
	readonly id: number;
	readonly score: number;
}

/** Prompts on a frame, and a mask that they correct, if there is one. */
export interface TrackerPrompts {
	readonly prompts: readonly Prompt[];
	readonly mask?: Mask;
	/** The frame's own size. */
	readonly picture: Size;
}

/** How a frame is come to, and whom to look for. */
export interface TrackTravel extends Travel {
	/** Those that are wanted, in the order of the result; all when left out. */
	readonly ids?: readonly number[];
}

interface TrackedObject {
	readonly bank: MemoryBank;
	/** What was answered on the frames that condition it. */
	readonly answers: Map<number, Tracked>;
	/** What was predicted last, and on which frame: its pointer is remembered with its memory, its logits are what prompts correct. */
	latest?: { readonly frame: number; readonly found: Tracked };
}

/**
 * Follows several objects through a clip, one frame at a time and in both directions. Give prompts or masks for some frames, then call
 * `track` with one frame after the other. Objects can be added, corrected and removed at any time. Features are those of the frame that
 * is named, encoded by the vision encoder; nothing keeps them. Written after `Sam3TrackerVideoModel` (huggingface/transformers) and
 * `Sam3TrackerPredictor` (facebookresearch/sam3).
 */
export class VideoTracker implements TrackedObjects<TrackerFeatures> {
	readonly #objects = new Map<number, TrackedObject>();
	readonly #rules: BankRules;
	readonly #shape: BankShape;
	/** The direction in which the last frame was reached. */
	#reverse = false;

	/** @param frames of the clip; Infinity when that is not known */
	constructor(
		private readonly model: TrackerModel,
		private readonly options: Pick<Sam3Options, 'prompts' | 'tracking'>,
		frames = Infinity
	) {
		const { config, size, constants, bank } = model;
		const { tracker_config: tracker } = config;
		const pointerFrames = Math.min(frames, tracker.max_object_pointers_in_encoder);
		this.#rules = {
			...options.tracking,
			pointerFrames,
			num_maskmem: tracker.num_maskmem,
			max_cond_frame_num: tracker.max_cond_frame_num
		};
		const grid = gridOf(config, size);
		this.#shape = {
			map: [tracker.memory_encoder_output_channels, grid, grid],
			pointer: constants.noObjectPointer.length,
			largestAge: Math.max(1, pointerFrames - 1),
			fixed: bank
		};
	}

	/** The objects that are followed, in the order in which they were added. */
	get ids(): number[] {
		return [...this.#objects.keys()];
	}

	/** Maps and pointers that are remembered, of all objects. */
	get held(): { readonly maps: number; readonly pointers: number } {
		const all = [...this.#objects.values()].map(({ bank }) => bank.held);
		const sum = (name: keyof MemoryBank['held']) => all.reduce((total, held) => total + held[name], 0);
		return { maps: sum('maps'), pointers: sum('pointers') };
	}

	/**
	 * Answers prompts for an object on a frame, and remembers the answer. They correct a mask that is given with them, or else what was
	 * found on the frame if it is the one that was tracked last; then none of them has to say where the object is. All prompts of the
	 * object on this frame are given; they take the place of those given before.
	 * @throws CodedError `prompt-empty`, `prompt-outside`, `box-empty`, `mask-size`; the signal's reason when it was aborted
	 */
	async addPrompts(
		id: number,
		frame: number,
		features: TrackerFeatures,
		{ prompts, mask, picture }: TrackerPrompts,
		signal?: AbortSignal
	): Promise<Tracked> {
		const { model, options } = this;
		if (mask) requireSize(mask, picture);
		const { strokePoints } = options.prompts;
		const base = mask ? maskLogits(maskInput(mask, model), model) : this.#foundOn(id, frame);
		const refines = base !== undefined;
		const groups = readPrompts(prompts, { picture, side: model.size, refines, strokePoints });
		const corrected = options.tracking.correctionsRemember ? this.#corrected(id, frame) : undefined;
		const feature = corrected
			? await this.#condition(features, [corrected.select(frame, this.#reverse)])
			: await withoutMemory(model, features);
		const refinement = new Refinement(model, features, feature, options.prompts, base);
		const found = await refinement.answer(groups, signal).finally(() => {
			if (corrected) feature.dispose();
		});
		const answer = { ...promptedMask(found, prompts, picture, model, options.prompts), id };
		const conditions = options.tracking.correctionsCondition || !this.#corrected(id, frame);
		signal?.throwIfAborted();
		const [map] = await encodeMemories(model, features, [{ ...answer, binarise: true }]);
		this.#answered(frame, answer, map!, conditions);
		return answer;
	}

	/** Takes a mask for the answer to what an object is on a frame, and remembers it. A mask of any size covers the whole frame. */
	async addMask(
		id: number,
		frame: number,
		features: TrackerFeatures,
		mask: Mask,
		signal?: AbortSignal
	): Promise<Tracked> {
		const { model } = this;
		const shares = maskInput(mask, model);
		signal?.throwIfAborted();
		const answer = { ...(await answerMask(model, features, shares)), id };
		signal?.throwIfAborted();
		this.#answered(frame, answer, await encodeMask(model, features, shares, answer.score), true);
		return answer;
	}

	/** Takes masks for objects on a frame, one after the other, as `addMask`. */
	async add(
		features: TrackerFeatures,
		frame: number,
		objects: readonly { readonly id: number; readonly mask: Mask }[],
		signal?: AbortSignal
	): Promise<void> {
		for (const { id, mask } of objects) await this.addMask(id, frame, features, mask, signal);
	}

	/** Stops following an object, and forgets it. */
	remove(id: number): void {
		this.#objects.delete(id);
	}

	/**
	 * Finds objects on a frame and remembers it.
	 * @throws the signal's reason when it was aborted
	 */
	async track(features: TrackerFeatures, frame: number, travel: TrackTravel = {}): Promise<Tracked[]> {
		const found = await this.propagate(features, frame, travel);
		const isNew = ({ id }: Tracked) => !this.#objects.get(id)!.answers.has(frame);
		const entries = found
			.filter(isNew)
			.map((object) => ({ ...object, binarise: false, conditioning: false }));
		await this.remember(features, frame, entries, travel.signal);
		return found;
	}

	/**
	 * Finds objects on a frame without remembering it; where it has prompts or a mask, that answer stands.
	 * @throws the signal's reason when it was aborted
	 */
	async propagate(
		features: TrackerFeatures,
		frame: number,
		{ reverse = false, ids = this.ids, signal }: TrackTravel = {}
	): Promise<Tracked[]> {
		this.#reverse = reverse;
		const found = new Map<number, Tracked>();
		const layouts = new Map<string, { readonly id: number; readonly selection: Selection }[]>();
		for (const id of ids) {
			const { bank, answers } = this.#objects.get(id)!;
			const answer = answers.get(frame);
			if (answer) {
				found.set(id, answer);
				continue;
			}
			const selection = bank.select(frame, reverse);
			const layout = layoutOf(selection, this.#shape);
			layouts.set(layout, [...(layouts.get(layout) ?? []), { id, selection }]);
		}
		for (const batch of [...layouts.values()].flatMap((all) => parts(all, this.options.tracking.batch))) {
			signal?.throwIfAborted();
			const feature = await this.#condition(
				features,
				batch.map(({ selection }) => selection)
			);
			const decoded = await decode(this.model, features, feature);
			feature.dispose();
			for (const [i, { id }] of batch.entries()) {
				const { score } = decoded[i]!;
				const [best] = chooseMasks(decoded[i]!, 0, this.model.config);
				found.set(id, { ...ifPresent(best!, score, this.model.constants), id, score });
			}
		}
		return ids.map((id) => {
			const latest = found.get(id)!;
			this.#objects.get(id)!.latest = { frame, found: latest };
			return latest;
		});
	}

	/**
	 * Remembers objects on the frame that was propagated to last, by these masks and scores; what is of no use any longer is forgotten.
	 * An entry that is `conditioning` counts like a mask that was given, as long as it is among the nearest of these.
	 * @throws the signal's reason when it was aborted
	 */
	async remember(
		features: TrackerFeatures,
		frame: number,
		entries: readonly MemoryEntry[],
		signal?: AbortSignal
	): Promise<void> {
		for (const batch of parts(entries, this.options.tracking.batch)) {
			signal?.throwIfAborted();
			const maps = await encodeMemories(this.model, features, batch);
			for (const [i, { id, conditioning }] of batch.entries()) {
				const { bank, latest } = this.#objects.get(id)!;
				const memory = memoryOf(latest!.found, maps[i]!);
				if (conditioning && !bank.conditions(frame)) bank.condition(frame, memory, false);
				else bank.write(frame, memory);
				bank.pass(frame, this.#reverse);
			}
		}
	}

	/** What is remembered of an object, if what tracking found of it on a frame is corrected by what is said about it there. */
	#corrected(id: number, frame: number): MemoryBank | undefined {
		const object = this.#objects.get(id);
		return object?.bank.hasPassed(frame) && !object.answers.has(frame) ? object.bank : undefined;
	}

	/** What tracking has just found of an object on a frame, as the decoder takes it back, if prompts are to refine it. */
	#foundOn(id: number, frame: number): Float32Array | undefined {
		const { latest, answers } = this.#objects.get(id) ?? {};
		if (!this.options.prompts.refine || latest?.frame !== frame || answers?.has(frame)) return undefined;
		return steadied(latest.found.logits);
	}

	/** Remembers what was answered to prompts or a mask. */
	#answered(frame: number, answer: Tracked, map: Uint16Array, conditions: boolean): void {
		if (this.options.tracking.forgetAroundCorrections) {
			this.#corrected(answer.id, frame)?.forgetAround(frame);
		}
		const object: TrackedObject = this.#objects.get(answer.id) ?? {
			bank: new MemoryBank(this.#rules),
			answers: new Map()
		};
		this.#objects.set(answer.id, object);
		const memory = memoryOf(answer, map);
		if (!conditions) return object.bank.write(frame, memory);
		object.answers.set(frame, answer);
		object.bank.condition(frame, memory, true);
	}

	/** The frame's coarsest level as objects see it that remember this: [B, 256, g, g]. */
	async #condition({ trk }: TrackerFeatures, selections: readonly Selection[]): Promise<Tensor> {
		const feeds = bankFeeds(selections, this.#shape);
		const { feature } = await this.model.networks.memoryAttention.run({ trk_2: trk[2], ...feeds });
		return feature!;
	}
}

/** What is remembered of an object as it was found: how well it was seen is upstream's effective IoU (`cal_mem_score`). */
function memoryOf({ pointer, score, iou }: Tracked, map: Uint16Array): Memory {
	const presence = score > 0 ? 2 / (1 + Math.exp(-score)) - 1 : 0;
	return { map, pointer, seen: presence * iou };
}

function parts<T>(all: readonly T[], most: number): T[][] {
	return Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most));
}
