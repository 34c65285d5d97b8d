import { engineInfo } from '$models/registry.ts';
import type { EngineStatus } from '$protocol/schema.ts';

type EngineId = EngineStatus['id'];

/** Whether an engine computes in this browser when it is chosen. */
export function runsHere(id: EngineId): boolean {
	return !engineInfo(id).places.includes('server');
}

/** What to offer in the place of an engine that cannot run: the same network elsewhere, else whatever can. */
export function alternativeTo(id: EngineId, engines: readonly EngineStatus[]): EngineStatus | undefined {
	const able = engines.filter((engine) => engine.id !== id && engine.available && !engine.standIn);
	const { model } = engineInfo(id);
	return able.find((engine) => engineInfo(engine.id).model === model) ?? able[0];
}
