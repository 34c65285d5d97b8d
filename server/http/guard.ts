import { isIP } from 'node:net';
import type { HttpRequest } from './transport.ts';

export interface TrustOptions {
	readonly allowedHosts: readonly string[];
	readonly allowedOrigins: readonly string[];
}

/**
 * Whether a request comes from our own page (or from a program that is no browser). A page elsewhere is told by its Origin; a name
 * that someone else's DNS points at this machine is told by the Host, so that only names that we know and bare addresses pass.
 */
export function isTrusted({ headers }: HttpRequest, options: TrustOptions): boolean {
	const host = headers.get('host')?.toLowerCase();
	if (!host || !isKnownName(nameOf(host), options.allowedHosts)) return false;
	const origin = headers.get('origin')?.toLowerCase();
	if (origin === undefined || options.allowedOrigins.includes(origin)) return true;
	return origin === `http://${host}` || origin === `https://${host}`;
}

/** A Host header without its port; an IPv6 address without its brackets. */
function nameOf(host: string): string {
	return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '');
}

function isKnownName(name: string, allowed: readonly string[]): boolean {
	return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowed.includes(name);
}
