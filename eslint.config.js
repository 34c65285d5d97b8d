import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Dependencies point one way (README, "Architecture"): each folder names what it may not import. */
const forbid = (files, patterns) => ({
	files,
	rules: {
		'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }]
	}
});
const node = [['node:*', 'fs', 'path', 'os', 'child_process'], 'this code runs in the browser too'];
const notProtocol = [
	['**/server/**', '!**/server/protocol', '!**/server/protocol/**'],
	'the browser knows of the server only server/protocol'
];
const app = [['**/src/**', '$lib', '$lib/**', '$app/**'], 'src is imported by nothing'];
const workers = [['**/workers/**', '$workers/**'], 'only src imports workers'];

export default ts.config(
	{
		ignores: [
			'build',
			'.svelte-kit',
			'node_modules',
			'src/lib/i18n/paraglide',
			'workspace',
			'static',
			'test-results'
		]
	},
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-undef': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			eqeqeq: 'error'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
		rules: { 'svelte/no-navigation-without-resolve': 'off' }
	},
	forbid(['models/**/*.ts'], [node, [['**/server/**'], 'models know nothing of the server'], app, workers]),
	forbid(
		['models/**/*.node.ts', 'models/**/*.test.ts'],
		[[['**/server/**'], 'models know nothing of the server'], app, workers]
	),
	forbid(['workers/**/*.ts'], [node, notProtocol, app]),
	forbid(['src/**/*.ts', 'src/**/*.svelte'], [node, notProtocol]),
	forbid(['src/**/*.test.ts', 'workers/**/*.test.ts'], [notProtocol]),
	forbid(['server/**/*.ts'], [app, workers]),
	forbid(
		['server/protocol/**/*.ts'],
		[
			node,
			app,
			workers,
			[
				['../http/**', '../jobs/**', '../engines/**', '../media/**', '../store/**', '../uploads/**'],
				'the protocol knows only models'
			]
		]
	)
);
