import { createRequire } from 'node:module';
import type { Uws } from './uws-types.d.ts';

/** uWebSockets.js is not on npm under its own name; the second package is one of those that carry its binary for one system. */
const packages = [
	'uWebSockets.js',
	`@uwsjs/${process.platform}-${process.arch}-${process.versions.node.split('.')[0]}`
];

/**
 * Loads uWebSockets.js: the one that was installed by hand, else the one for this system and Node.
 * @throws Error that says what to install
 */
export function loadUws(require: (name: string) => unknown = createRequire(import.meta.url)): Uws {
	const problems: string[] = [];
	for (const name of packages) {
		try {
			return require(name) as Uws;
		} catch (error) {
			problems.push(`  ${name}: ${(error as Error).message.split('\n')[0]}`);
		}
	}
	throw new Error(
		[
			`No uWebSockets.js for Node ${process.versions.node} (ABI ${process.versions.modules}) on ${process.platform} ${process.arch}:`,
			...problems,
			'Ready for Linux x64 with Node 20 or 22. For other systems install the official one:',
			'  npm install --no-save github:uNetworking/uWebSockets.js#v20.51.0'
		].join('\n')
	);
}
