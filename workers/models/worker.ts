import { expose } from '../rpc.ts';
import { ModelKeeping } from './keeping.ts';

expose(new ModelKeeping());
