import type { PromptKind } from './segmenter.ts';

/** What a user is told of an engine before choosing it. */
export interface EngineInfo {
	readonly id: EngineId;
	/** Where it can run. */
	readonly places: readonly ('server' | 'browser')[];
	/** Whether it needs a mask for keyframes only, or for every frame (then the segmenter tracks it first). */
	readonly masks: 'keyframes' | 'every-frame';
	/** The model whose weights it needs; absent for an engine without weights. */
	readonly model?: ModelId;
	/** SPDX identifier or name of the licence that its weights and code come under. */
	readonly licence: string;
	readonly commercialUse: boolean;
	/** Bytes to download before first use; 0 for the embedded engine. */
	readonly download: number;
	/** The part of a result's key that changes when the engine's answers do; its weights have a name of their own there. */
	readonly revision: string;
}

export const engineIds = ['classic', 'matanyone2', 'matanyone', 'videomama', 'matanyone2-web'] as const;
export type EngineId = (typeof engineIds)[number];

/** The prompts that the embedded segmenter understands. */
export const classicPrompts: readonly PromptKind[] = ['point', 'box', 'stroke'];

/** Where models are published: the Hugging Face Hub. */
export const hubEndpoint = 'https://huggingface.co';

export const licenceIds = ['s-lab', 'sam', 'cc-by', 'stability', 'cc-by-nc'] as const;

/** The terms that weights, or the code of their authors, come under. The interface holds the words for what they ask (`licence_<id>_terms`). */
export interface Licence {
	readonly id: (typeof licenceIds)[number];
	readonly name: string;
	readonly url: string;
	readonly commercialUse: boolean;
}

/** A network whose weights are fetched before first use. The interface holds the words for what it is for (`model_<id>_about`). */
export interface ModelInfo {
	readonly id: ModelId;
	/** As its authors call it. */
	readonly name: string;
	/** Of its weights. */
	readonly licence: Licence;
	/** Of its authors' code, which this program does not contain, where that is another one. */
	readonly codeLicence?: Licence;
	/** Where its weights are published; its own repository comes first. */
	readonly sources: readonly [ModelSource, ...ModelSource[]];
	/** Bytes of the files that we use, about; the hub says exactly. */
	readonly bytes: number;
}

/** A repository on the hub, and what of it a model needs. */
export interface ModelSource {
	readonly repository: string;
	/** Paths in that repository, and by the same paths in the model's folder. */
	readonly files: readonly string[];
}

const sLab = (url: string): Licence => ({
	...{ id: 's-lab', name: 'S-Lab License 1.0', url, commercialUse: false }
});

/** Every model that can be installed; the first is the one to begin with. */
export const models = [
	{
		id: 'matanyone2',
		name: 'MatAnyone 2',
		licence: sLab('https://github.com/pq-yang/MatAnyone2/blob/main/LICENSE.txt'),
		sources: [{ repository: 'PeiqingYang/MatAnyone2', files: ['config.json', 'model.safetensors'] }],
		bytes: 141_200_000
	},
	{
		id: 'matanyone',
		name: 'MatAnyone',
		licence: sLab('https://github.com/pq-yang/MatAnyone/blob/main/LICENSE'),
		sources: [{ repository: 'PeiqingYang/MatAnyone', files: ['config.json', 'model.safetensors'] }],
		bytes: 141_200_000
	},
	{
		id: 'sam3',
		name: 'SAM 3',
		licence: {
			...{ id: 'sam', name: 'SAM License', commercialUse: true },
			url: 'https://github.com/facebookresearch/sam3/blob/main/LICENSE'
		},
		sources: [{ repository: 'facebook/sam3', files: ['config.json', 'tokenizer.json', 'model.safetensors'] }],
		bytes: 3_444_000_000
	},
	{
		id: 'videomama',
		name: 'VideoMaMa',
		licence: {
			...{ id: 'stability', name: 'Stability AI Community License', commercialUse: true },
			url: 'https://stability.ai/community-license-agreement'
		},
		codeLicence: {
			...{ id: 'cc-by-nc', name: 'CC BY-NC 4.0', commercialUse: false },
			url: 'https://creativecommons.org/licenses/by-nc/4.0/'
		},
		sources: [
			{
				repository: 'SammyLim/VideoMaMa',
				files: ['unet/config.json', 'unet/diffusion_pytorch_model.safetensors']
			},
			{
				repository: 'stabilityai/stable-video-diffusion-img2vid-xt',
				files: ['vae/config.json', 'vae/diffusion_pytorch_model.fp16.safetensors']
			}
		],
		bytes: 6_294_000_000
	},
	{
		id: 'opus-mt-zh-en',
		name: 'OPUS-MT zh-en',
		licence: {
			...{ id: 'cc-by', name: 'CC BY 4.0', commercialUse: true },
			url: 'https://creativecommons.org/licenses/by/4.0/'
		},
		sources: [
			{
				repository: 'Helsinki-NLP/opus-mt-zh-en',
				files: ['config.json', 'source.spm', 'vocab.json', 'pytorch_model.bin']
			}
		],
		bytes: 314_400_000
	}
] as const satisfies readonly (Omit<ModelInfo, 'id'> & { id: string })[];

export type ModelId = 'matanyone2' | 'matanyone' | 'sam3' | 'videomama' | 'opus-mt-zh-en';

/** The model of an id; undefined when there is none. */
export function findModel(id: string): ModelInfo | undefined {
	return models.find((model) => model.id === id);
}

/** Bytes of MatAnyone's weights as browsers fetch them: in half precision, folded and packed. */
const PACKED_BYTES = 85_100_000;

function matAnyone(id: EngineId, model: ModelId, place: 'server' | 'browser'): EngineInfo {
	const { licence, bytes } = findModel(model)!;
	return {
		...{ id, model, places: [place], masks: 'keyframes', revision: '1' },
		licence: licence.name,
		commercialUse: licence.commercialUse,
		download: place === 'server' ? bytes : PACKED_BYTES
	};
}

function videoMaMa(): EngineInfo {
	const { licence, bytes } = findModel('videomama')!;
	return {
		...{ id: 'videomama', model: 'videomama', places: ['server'], masks: 'every-frame', revision: '1' },
		licence: licence.name,
		commercialUse: licence.commercialUse,
		download: bytes
	};
}

/** Every engine that this program can run. */
export const engines: readonly EngineInfo[] = [
	{
		id: 'classic',
		places: ['server', 'browser'],
		masks: 'every-frame',
		licence: 'MIT; OpenCV: Apache-2.0',
		commercialUse: true,
		download: 0,
		revision: '1'
	},
	matAnyone('matanyone2', 'matanyone2', 'server'),
	matAnyone('matanyone', 'matanyone', 'server'),
	videoMaMa(),
	matAnyone('matanyone2-web', 'matanyone2', 'browser')
];

/** The engine of an id. */
export function engineInfo(id: EngineId): EngineInfo {
	return engines.find((engine) => engine.id === id)!;
}
