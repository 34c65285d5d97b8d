import type { ModelDownloads } from '../models/downloads.ts';
import { pullRequest } from '../protocol/models.ts';
import { routes } from '../protocol/routes.ts';
import { jsonReply, readJson, type Router } from './router.ts';

const REQUEST_BYTES = 1024;

/** Adds the routes under `/api/models`. */
export function addModelsApi(router: Router, models: ModelDownloads): void {
	router.on('GET', routes.models, async () => jsonReply(await models.list()));
	router.on('DELETE', routes.model(':id'), async ({ params }) => jsonReply(await models.remove(params.id!)));
	router.on(
		'POST',
		routes.modelPull(':id'),
		async ({ params, body }) => {
			const { acceptLicence } = await readJson(body, pullRequest);
			return jsonReply(await models.start(params.id!, acceptLicence), 202);
		},
		REQUEST_BYTES
	);
	router.on('POST', routes.modelPause(':id'), async ({ params }) =>
		jsonReply(await models.pause(params.id!))
	);
	router.on('POST', routes.modelCancel(':id'), async ({ params }) =>
		jsonReply(await models.cancel(params.id!))
	);
	router.on('POST', routes.modelVerify(':id'), async ({ params }) =>
		jsonReply(await models.verify(params.id!))
	);
}
