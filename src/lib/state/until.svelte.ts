/**
 * Resolves as soon as a condition on what the page shows holds.
 * @throws the signal's reason
 */
export function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const stop = $effect.root(() => {
			$effect(() => {
				if (holds()) end(resolve);
			});
		});
		const abort = () => end(() => reject(signal.reason));
		// An effect cannot be ended by itself.
		const end = (settle: () => void) =>
			queueMicrotask(() => {
				stop();
				signal.removeEventListener('abort', abort);
				settle();
			});
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort, { once: true });
	});
}
