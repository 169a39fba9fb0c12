import { testConversion } from './conversion-suite';
import { NOT_DEFERRED } from './migrate';

describe('with all indexes during the copy', () => testConversion(NOT_DEFERRED));
