import type { WebModels } from '../models/web-models.ts';
import { routes } from '../protocol/routes.ts';
import { fileReply } from './files.ts';
import { jsonReply, type Router } from './router.ts';

/** Adds the routes by which browsers get the models that compute there. */
export function addWeightsApi(router: Router, models: WebModels): void {
	router.on('GET', routes.webModels, async () => jsonReply(await models.offers()));
	router.on('GET', routes.webModel(':id'), async ({ params }) => {
		const found = await models.ask(params.id!);
		return 'about' in found ? jsonReply(found.about) : jsonReply({ preparing: found }, 202);
	});
	for (const method of ['GET', 'HEAD'] as const) {
		router.on(method, routes.webWeights(':id'), async ({ request, params }) => {
			const { path, about } = await models.of(params.id!);
			const file = { path, mime: 'application/octet-stream', tag: about.sha256 };
			return fileReply(request, file, 'model-absent');
		});
	}
}
