import { Check } from '../check';
import { bootstrap } from './bootstrap';
import { buckets } from './buckets';
import { catalogEncryption } from './catalog-encryption';
import { databases } from './databases';
import { lakeFormation } from './lake-formation';
import { roles } from './roles';

/** All checks, in the order of the table. */
export const CHECKS: readonly Check[] = [bootstrap, lakeFormation, catalogEncryption, buckets, databases, roles];
