/** Why a version of the page could not be kept for use without a network. */
export type KeepProblem = 'storage-full' | 'unreachable';

/** What a page tells its service worker. `check` comes with a port, on which a `Standing` is answered. */
export type PageMessage = { readonly type: 'activate' } | { readonly type: 'check' };

/** How the service worker stands. */
export interface Standing {
	readonly version: string;
	/** Why some of its files are not kept; undefined when all are. */
	readonly problem: KeepProblem | undefined;
}

/** What a service worker tells all pages when it cannot be installed. */
export interface InstallFailed {
	readonly type: 'install-failed';
	readonly problem: KeepProblem;
}
