import type { EngineStatus, JobRequest } from '$protocol/schema.ts';
import type { KeyframeProblem } from './keyframes.ts';
import type { ConnectionStatus } from './server-connection.svelte.ts';
import type { UploadState } from './upload.svelte.ts';

/** Why a matte cannot be asked for yet, by code (`matte_why_<code>`). */
export const obstacles = [
	'elsewhere',
	'no-clip',
	'opening',
	'refused',
	'running',
	'engine',
	'no-mask',
	'apart',
	'busy',
	'away',
	'uploading'
] as const;
export type Obstacle = (typeof obstacles)[number];

interface Situation {
	/** Another tab writes the session. */
	readonly lockedOut: boolean;
	readonly clip: 'opening' | 'ready' | 'missing' | 'failed';
	/** Why there is no mask to matte from. */
	readonly masks: KeyframeProblem | undefined;
	readonly segmenting: boolean;
	readonly upload: UploadState['kind'];
	readonly server: ConnectionStatus;
	readonly engines: readonly EngineStatus[];
	readonly engine: JobRequest['engine'];
	/** The engine computes in this browser. */
	readonly here: boolean;
	/** What it needs of the server is kept in this browser. */
	readonly kept: boolean;
	/** The clip's hash is known, by which its results are named. */
	readonly hashed: boolean;
	readonly jobActive: boolean;
}

/** The first thing in the way of a matte: what the user can do something about comes before what only takes time. */
export function obstacle(now: Situation): Obstacle | undefined {
	if (now.lockedOut) return 'elsewhere';
	if (now.clip !== 'ready') return now.clip === 'opening' ? 'opening' : 'no-clip';
	if (now.upload === 'refused' && !now.here) return 'refused';
	if (now.jobActive) return 'running';
	const online = now.server === 'online';
	if (online && !now.engines.some(({ id, available }) => id === now.engine && available)) return 'engine';
	if (now.masks) return now.segmenting ? 'busy' : now.masks;
	if (!online && !(now.here && now.kept)) return 'away';
	if (now.here ? !now.hashed : now.upload !== 'done') return 'uploading';
	return undefined;
}
