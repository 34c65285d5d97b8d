/** Where the server answers; ids and names are checked there, never put into a path of the disk. */
export const routes = {
	health: '/api/health',
	models: '/api/models',
	/** `GET` one clip's facts (`clip`), 404 `clip-missing`. */
	clip: (hash: string) => `/api/clips/${hash}`,
	/** `GET` the clip's bytes, with Range. */
	clipFile: (hash: string) => `/api/clips/${hash}/file`,
	/**
	 * tus 1.0 (creation, termination). Upload-Metadata: `filename`, and `sha256` where it is known.
	 * The answer to the last PATCH carries the header `Upload-Clip` with the clip's hash, or an error body when the clip is refused.
	 */
	uploads: '/api/uploads',
	/** `POST` a `jobRequest`: 201 with the new `job`, or 200 with the one that has the same key. `GET`: all, newest first. */
	jobs: '/api/jobs',
	/** `GET` one job; `DELETE` cancels it. */
	job: (id: string) => `/api/jobs/${id}`,
	/** `POST`: runs a failed, cancelled or interrupted job again. */
	retry: (id: string) => `/api/jobs/${id}/retry`,
	/** `GET` a result's bytes, with Range; `?download` answers as an attachment. */
	output: (id: string, kind: string) => `/api/jobs/${id}/outputs/${kind}`,
	/** WebSocket of `serverEvent`s; `?epoch=…&since=SEQ` replays what was missed. */
	events: '/api/events'
} as const;
