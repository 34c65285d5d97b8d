import { formatMoment } from '$lib/i18n/format.ts';
import { m } from '$lib/i18n/paraglide/messages';
import { say } from '$lib/i18n/words.ts';
import { workedSize } from '$lib/state/job-record.ts';
import type { Job } from '$protocol/schema.ts';

/** What tells a result from the others of its clip: its engine, the size that it worked at, and when it was asked for. */
export function resultName(job: Job): string {
	const engine = say('engine', `${job.engine}-name`);
	const moment = formatMoment(job.created);
	const size = workedSize(job);
	if (!size) return m.result_named({ engine, moment });
	return m.result_named_size({ engine, moment, width: size.width, height: size.height });
}
