import { paginateGetDatabases } from '@aws-sdk/client-glue';
import { Check, failure, orElse } from '../check';

/** A customer that leaves the app keeps its database. */
export const databases: Check = {
  id: 'databases',
  title: 'Names of databases',
  actions: ['glue:GetDatabases'],
  run: async ({ aws, lake, deployed }) => {
    const { resources } = await deployed();
    const own = new Set(resources.map(({ physicalId }) => physicalId));
    const existing = new Set<string>();
    for await (const { DatabaseList } of paginateGetDatabases({ client: aws.glue }, {})) {
      DatabaseList?.forEach(({ Name }) => existing.add(Name!));
    }
    const left = lake.databases.filter((name) => existing.has(name) && !own.has(name));
    return orElse(left.map((name) => failure(`the database ${name} exists, and no stack of the lake has it`,
      'save its tables and delete it: see "A customer returns" and "A lake returns" in docs/operate.md')),
    'free, or the lake\'s');
  },
};
