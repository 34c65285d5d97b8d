import type { Network } from '../runtime.ts';

/** The networks of a Marian model; see `graphs/`. */
export interface MarianNetworks {
	readonly encoder: Network;
	readonly decoder: Network;
}
