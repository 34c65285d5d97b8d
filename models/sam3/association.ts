import type { Sam3Config } from './config.ts';
import { pairwiseIou, type Region } from './regions.ts';

/** How the detections of a frame and the objects that are followed belong together. */
export interface Association {
	/** Detections that are none of the objects, by index. */
	readonly fresh: readonly number[];
	/** For each detection the ids of the objects that it may be; several objects may share one. */
	readonly matches: readonly (readonly number[])[];
	/** Ids of objects in sight that no detection confirms. */
	readonly unmatched: readonly number[];
	/** Ids of objects that are out of sight. */
	readonly empty: readonly number[];
	/** Objects that a sure detection fits closely, and the index of that detection. */
	readonly confirmed: ReadonlyMap<number, number>;
}

/** Says nothing of any object: where nothing was looked for. */
export const UNASKED: Association = {
	...{ fresh: [], matches: [], unmatched: [], empty: [] },
	confirmed: new Map()
};

type Thresholds = Pick<
	Sam3Config,
	'assoc_iou_thresh' | 'trk_assoc_iou_thresh' | 'new_det_thresh' | 'high_conf_thresh' | 'high_iou_thresh'
>;

/**
 * Matches detections with objects by the IoU of their masks: a detection belongs to every object that it overlaps at all
 * (`assoc_iou_thresh`), an object is confirmed only by much overlap (`trk_assoc_iou_thresh`), and a detection that belongs to none is
 * new if it is sure enough (`_associate_det_trk` of facebookresearch/sam3 and huggingface/transformers, models/sam3_video).
 */
export function associate(
	detections: readonly { readonly region: Region; readonly score: number }[],
	tracks: readonly { readonly id: number; readonly region: Region }[],
	thresholds: Thresholds
): Association {
	const empty = tracks.filter(({ region }) => region.area === 0).map(({ id }) => id);
	if (tracks.length === 0) {
		// Where nothing is followed yet, everything that was detected is taken.
		return { fresh: [...detections.keys()], matches: [], unmatched: [], empty, confirmed: new Map() };
	}
	const ious = pairwiseIou(
		detections.map(({ region }) => region),
		tracks.map(({ region }) => region)
	);
	const matches = ious.map((row) =>
		tracks.filter((_, index) => row[index]! >= thresholds.assoc_iou_thresh).map(({ id }) => id)
	);
	const fresh: number[] = [];
	const confirmed = new Map<number, number>();
	for (const [index, { score }] of detections.entries()) {
		const row = ious[index]!;
		const best = row.indexOf(Math.max(...row));
		if (matches[index]!.length === 0 && score >= thresholds.new_det_thresh) {
			fresh.push(index);
		} else if (score >= thresholds.high_conf_thresh && row[best]! >= thresholds.high_iou_thresh) {
			confirmed.set(tracks[best]!.id, index);
		}
	}
	const unmatched = tracks
		.filter(({ region }, index) => {
			return region.area > 0 && ious.every((row) => row[index]! < thresholds.trk_assoc_iou_thresh);
		})
		.map(({ id }) => id);
	return { fresh, matches, unmatched, empty, confirmed };
}
