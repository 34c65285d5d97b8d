import type { EventLog } from '../jobs/events.ts';
import { errorReply } from './router.ts';
import { routes } from '../protocol/routes.ts';
import type { HttpRequest, Outlet, Reply } from './transport.ts';

/** WebSocket close code: try again later. */
const TRY_AGAIN = 1013;
/** WebSocket close code: the server goes away. */
const GOING_AWAY = 1001;

/** Opens `/api/events`. A client that is too slow is sent away; when it comes back, it gets what it missed. */
export class EventsEndpoint {
	readonly #outlets = new Set<Outlet>();

	constructor(private readonly log: EventLog) {}

	connect({ path, query }: HttpRequest): Reply | ((outlet: Outlet) => () => void) {
		if (path !== routes.events) return errorReply({ code: 'not-found', params: {} });
		const epoch = query.get('epoch');
		const seq = Number(query.get('since') ?? NaN);
		const seen = epoch !== null && Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
		return (outlet) => {
			let open = true;
			this.#outlets.add(outlet);
			const stop = this.log.subscribe((event) => {
				if (!open || outlet.send(JSON.stringify(event))) return;
				open = false;
				outlet.close(TRY_AGAIN, 'too slow');
			}, seen);
			return () => {
				open = false;
				this.#outlets.delete(outlet);
				stop();
			};
		};
	}

	close(): void {
		for (const outlet of [...this.#outlets]) outlet.close(GOING_AWAY, 'the server stops');
	}
}
