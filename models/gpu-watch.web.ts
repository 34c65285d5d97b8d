import { modelError, type CodedError } from './errors.ts';

/**
 * Tells what became of work on a graphics card. WebGPU does not say it where the work was asked for: a device is lost, or runs out of
 * memory, by itself, and what it computes from then on is nothing.
 */
export class GpuWatch {
	#failure: CodedError | undefined;
	readonly #waiting = new Set<(failure: CodedError) => void>();

	constructor(device: Pick<GPUDevice, 'lost' | 'addEventListener'>) {
		void device.lost.then(({ message }) =>
			this.#fail(modelError('gpu-lost', {}, { cause: new Error(message) }))
		);
		device.addEventListener('uncapturederror', ({ error }) => this.#fail(uncaptured(error)));
	}

	/**
	 * Does work on the card.
	 * @throws CodedError `gpu-lost`, `out-of-memory` or `provider-failed` when the card fails meanwhile, or has failed before; what `work`
	 * throws when it fails by itself
	 */
	async during<T>(work: () => Promise<T>): Promise<T> {
		if (this.#failure) throw this.#failure;
		return new Promise<T>((resolve, reject) => {
			const end = (settle: () => void) => {
				this.#waiting.delete(reject);
				settle();
			};
			this.#waiting.add(reject);
			work().then(
				(value) => end(() => resolve(value)),
				// The reason may be told a little after its consequence.
				(error: unknown) => setTimeout(() => end(() => reject(error as Error)), PATIENCE)
			);
		});
	}

	#fail(failure: CodedError): void {
		// What follows from a failure is none of its own.
		this.#failure ??= failure;
		for (const reject of this.#waiting) reject(this.#failure);
		this.#waiting.clear();
	}
}

/** Milliseconds that a device's own word is waited for, once work on it has failed. */
const PATIENCE = 100;

function uncaptured(error: GPUError): CodedError {
	const cause = new Error(error.message);
	if (error instanceof GPUOutOfMemoryError) return modelError('out-of-memory', {}, { cause });
	return modelError('provider-failed', { provider: 'webgpu', problem: error.message }, { cause });
}
