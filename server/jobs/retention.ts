import type { Session, SessionStore } from '../store/sessions.ts';
import type { ClipStore } from '../store/clips.ts';
import type { EventLog } from './events.ts';

export interface RetentionParts {
	readonly sessions: SessionStore;
	readonly clips: ClipStore;
	readonly events: EventLog;
	/** Whether a session must stay, since its job waits or runs. */
	readonly isBusy: (id: string) => boolean;
	/** How many sessions stay, and how long each and an unused clip does, in hours. */
	readonly keepSessions: number;
	readonly keepHours: number;
}

/** Removes sessions that are too many or too old, and then the clips that no session needs any more. */
export async function sweep(parts: RetentionParts, now: number = Date.now()): Promise<void> {
	const { sessions, clips, events, isBusy, keepSessions, keepHours } = parts;
	const oldest = now - keepHours * 3_600_000;
	const isOld = ({ job }: Session) => (job.finished ?? job.created) < oldest;
	const all = sessions.all();
	for (const [index, session] of all.entries()) {
		const { id } = session.job;
		if (isBusy(id) || (index < keepSessions && !isOld(session))) continue;
		await sessions.remove(id);
		events.removed(id);
	}
	const referred = new Set(sessions.all().map(({ job }) => job.clip));
	await clips.sweep(oldest, (hash) => referred.has(hash));
}
