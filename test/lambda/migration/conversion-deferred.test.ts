import { testConversion } from './conversion-suite';
import { DEFERRED } from './migrate';

describe('with indexes built afterwards', () => testConversion(DEFERRED));
