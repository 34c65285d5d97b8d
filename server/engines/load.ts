import { createClassicMatter, createClassicSegmenter } from '../../models/classic/index.ts';
import type { Engine } from '../../models/matte-clip.ts';
import type { EngineId } from '../../models/registry.ts';

/** An engine that is ready to run. */
export interface LoadedEngine extends Engine {
	/** What it runs on, as shown and recorded. */
	readonly provider: string;
}

const loaders: Record<EngineId, () => Promise<LoadedEngine>> = {
	classic: async () => ({
		matter: await createClassicMatter(),
		segmenter: await createClassicSegmenter(),
		provider: 'CPU (OpenCV, WebAssembly)'
	})
};

const loaded = new Map<EngineId, Promise<LoadedEngine>>();

/** Loads an engine into this process, once: later calls get the same one. */
export function loadEngine(id: EngineId): Promise<LoadedEngine> {
	let engine = loaded.get(id);
	if (!engine) {
		engine = loaders[id]();
		loaded.set(id, engine);
		engine.catch(() => loaded.delete(id));
	}
	return engine;
}
