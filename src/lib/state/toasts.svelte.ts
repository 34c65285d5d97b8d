export type ToastKind = 'info' | 'error';

export interface ToastAction {
	readonly label: () => string;
	readonly run: () => void;
}

/** What a toast offers beside its words. */
export interface ToastOffer {
	/** A button, for example to undo what is told of. */
	readonly action: ToastAction;
	/** Called once when the toast goes without its action having been taken. */
	readonly ended?: () => void;
}

export interface Toast extends Partial<ToastOffer> {
	readonly id: number;
	readonly kind: ToastKind;
	/** Gives the words anew, so that they follow the language. */
	readonly text: () => string;
}

/** Errors stay until they are closed; what can be acted on stays longer than what is only said. */
const infoLifetime = 6000;
const offerLifetime = 12_000;

/** Short messages about what just happened. */
export class Toasts {
	list = $state.raw<readonly Toast[]>([]);
	#next = 1;

	show(text: () => string, kind: ToastKind = 'info'): void {
		this.list = this.list.filter((toast) => toast.action || toast.text() !== text());
		this.#add({ id: this.#next++, kind, text }, kind === 'info' ? infoLifetime : undefined);
	}

	/** Tells of something, with a button to act on it for as long as the toast is there. */
	offer(text: () => string, offer: ToastOffer): void {
		this.#add({ id: this.#next++, kind: 'info', text, ...offer }, offerLifetime);
	}

	/** Takes the offer of a toast, or of the newest one that has any. */
	act(id: number | undefined = this.list.findLast((toast) => toast.action)?.id): void {
		const toast = this.#remove(id);
		toast?.action?.run();
	}

	close(id: number): void {
		const toast = this.#remove(id);
		toast?.ended?.();
	}

	#add(toast: Toast, lifetime: number | undefined): void {
		this.list = [...this.list, toast];
		if (lifetime !== undefined) setTimeout(() => this.close(toast.id), lifetime);
	}

	#remove(id: number | undefined): Toast | undefined {
		const found = this.list.find((toast) => toast.id === id);
		this.list = this.list.filter((toast) => toast !== found);
		return found;
	}
}
