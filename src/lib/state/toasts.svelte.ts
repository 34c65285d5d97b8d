export type ToastKind = 'info' | 'error';

export interface Toast {
	readonly id: number;
	readonly kind: ToastKind;
	/** Gives the words anew, so that they follow the language. */
	readonly text: () => string;
}

/** Errors stay until they are closed. */
const infoLifetime = 6000;

/** Short messages about what just happened. */
export class Toasts {
	list = $state.raw<readonly Toast[]>([]);
	#next = 1;

	show(text: () => string, kind: ToastKind = 'info'): void {
		const id = this.#next++;
		this.list = [...this.list.filter((toast) => toast.text() !== text()), { id, kind, text }];
		if (kind === 'info') setTimeout(() => this.close(id), infoLifetime);
	}

	close(id: number): void {
		this.list = this.list.filter((toast) => toast.id !== id);
	}
}
