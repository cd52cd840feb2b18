import { Check } from '../check';
import { bootstrap } from './bootstrap';
import { buckets } from './buckets';
import { catalogEncryption } from './catalog-encryption';
import { databases } from './databases';
import { deployment } from './deployment';
import { keys } from './keys';
import { lakeFormation } from './lake-formation';
import { dpus, quotas } from './quotas';
import { recorder } from './recorder';
import { roles } from './roles';
import { stacks } from './stacks';

/** All checks, in the order of the table. */
export const CHECKS: readonly Check[] = [
  bootstrap, lakeFormation, catalogEncryption, buckets, databases, roles, keys, recorder, ...quotas, dpus,
  stacks, ...deployment,
];
