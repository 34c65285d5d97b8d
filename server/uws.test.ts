import { describe, expect, it } from 'vitest';
import { loadUws } from './uws.ts';

describe('the loader of uWebSockets.js', () => {
	it('prefers the one that was installed by hand', () => {
		const own = { App: () => {} };
		expect(loadUws((name) => (name === 'uWebSockets.js' ? own : undefined))).toBe(own);
	});

	it('says what to install where there is none', () => {
		const nothing = (name: string) => {
			throw new Error(`Cannot find module '${name}'\nRequire stack: ...`);
		};
		expect(() => loadUws(nothing)).toThrow(new RegExp(`ABI ${process.versions.modules}`));
		expect(() => loadUws(nothing)).toThrow('npm install --no-save github:uNetworking/uWebSockets.js');
	});
});
