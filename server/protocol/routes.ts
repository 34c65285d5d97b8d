/** Where the server answers; ids and names are checked there, never put into a path of the disk. */
export const routes = {
	health: '/api/health',
	/** `GET`: a `modelStatus` of every model. */
	models: '/api/models',
	/** `DELETE` removes what is here of a model. */
	model: (id: string) => `/api/models/${id}`,
	/** `POST` a `pullRequest` begins the download, or goes on with it: 202. */
	modelPull: (id: string) => `/api/models/${id}/pull`,
	/** `POST` stops the download and keeps what has arrived. */
	modelPause: (id: string) => `/api/models/${id}/pause`,
	/** `POST` stops the download and removes what has arrived. */
	modelCancel: (id: string) => `/api/models/${id}/cancel`,
	/** `POST` reads the model's files and compares them with what was downloaded; an error tells what is wrong. */
	modelVerify: (id: string) => `/api/models/${id}/verify`,
	/** `GET` a `webModelOffer` of everything that browsers can fetch. */
	webModels: '/api/web-models',
	/** `GET` a `webModel`: a model that computes in browsers; 202 with `webModelPreparing` while it is made ready, so ask again. */
	webModel: (id: string) => `/api/models/${id}/web`,
	/** `GET` its weights in one file, with Range; the ETag is their SHA-256. */
	webWeights: (id: string) => `/api/models/${id}/web/weights`,
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
	/** `POST` a `trackJobRequest`, and `GET`, as for `jobs`, with a `trackJob`. The routes of one job are the same for both kinds. */
	tracks: '/api/tracks',
	/** `POST` a `segmentRequest`: 200 with a `segmentAnswer`, also when nothing is found. */
	segment: '/api/segment',
	/** `POST` a `phraseRequest`: 200 with a `phraseAnswer`. */
	phrases: '/api/phrases',
	/** `POST` a `translateRequest`: 200 with a `translation`; 404 `model-absent` where the translator is not installed. */
	translate: '/api/translate',
	/** `GET` one job; `DELETE` cancels it. */
	job: (id: string) => `/api/jobs/${id}`,
	/** `POST`: runs a failed, cancelled or interrupted job again. */
	retry: (id: string) => `/api/jobs/${id}/retry`,
	/** `GET` a result's bytes, with Range; `?download` answers as an attachment. */
	output: (id: string, kind: string) => `/api/jobs/${id}/outputs/${kind}`,
	/** WebSocket of `serverEvent`s; `?epoch=…&since=SEQ` replays what was missed. */
	events: '/api/events'
} as const;
