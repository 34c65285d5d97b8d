#!/usr/bin/env node
// The command `splazmatte`: the program is TypeScript, run as it is through tsx.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
