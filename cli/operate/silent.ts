import { Parameter, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { Command } from 'commander';
import { FIND_ACTIONS, findLake } from './lake';
import { Manifest } from './manifest';
import { lakeCommand, LakeOptions } from './options';
import { ago, local, print, tableOf } from './output';
import { together } from './together';
import { Aws } from '../aws';

export const ACTIONS = [...FIND_ACTIONS, 'dynamodb:Query', 'ssm:GetParametersByPath'];
/** Datasets that are looked up at the same time. */
const PARALLEL = 20;
const MINUTE = 60_000;

interface SilentOptions extends LakeOptions {
  readonly all?: boolean;
}

/** A dataset with `expectedEvery`. */
interface Feed {
  readonly customer: string;
  readonly dataset: string;
  readonly expectedMinutes: number;
  readonly declared: string;
}

/** What the lake's check finds of it; the rule is that of `newestUpload` in src/private/feed-check.ts. */
interface Found extends Feed {
  readonly newestUpload?: string;
  /** When its time ended. Undefined while it has not. */
  readonly silentSince?: string;
}

/** Lists the datasets whose uploads have stopped. */
export function silent(): Command {
  const description = 'Lists datasets with expectedEvery for which no upload has arrived in that time.';
  return lakeCommand('silent', description, ACTIONS, ['1  at least one is silent'])
    .option('--all', 'also list those whose uploads arrive in time')
    .action(run);
}

async function run(options: SilentOptions): Promise<void> {
  const aws = new Aws(options);
  const manifest = new Manifest(aws, (await findLake(aws, options)).manifestTable);
  const feeds = await declaredFeeds(aws, options);
  const all = await together(feeds, PARALLEL, (feed) => look(manifest, feed));
  const isSilent = ({ silentSince }: Found) => silentSince !== undefined;
  process.exitCode = all.some(isSilent) ? 1 : 0;
  const shown = options.all ? all : all.filter(isSilent);
  if (options.json) return print(JSON.stringify(shown, undefined, 2));
  if (!feeds.length) return print('No dataset has an expectedEvery.');
  if (!shown.length) return print(`Uploads of all ${feeds.length} datasets with expectedEvery arrive in time.`);
  print(tableOf(['Customer', 'Dataset', 'Expected every', 'Newest upload', 'Silent since'], shown.map(row)));
}

async function declaredFeeds(aws: Aws, { organization, environment }: LakeOptions): Promise<Feed[]> {
  const { feedsPath } = await import('../../src/private/naming.js'); // loads the CDK, which --help does without
  const pages = paginateGetParametersByPath({ client: aws.ssm }, { Path: feedsPath(organization, environment) });
  const feeds: Feed[] = [];
  for await (const { Parameters = [] } of pages) feeds.push(...Parameters.flatMap(feedsOf));
  return feeds;
}

function feedsOf({ Name, Value, LastModifiedDate }: Parameter): Feed[] {
  const minutes: Record<string, number> = JSON.parse(Value!);
  return Object.entries(minutes).map(([dataset, expectedMinutes]) => ({
    customer: Name!.slice(Name!.lastIndexOf('/') + 1),
    dataset,
    expectedMinutes,
    declared: LastModifiedDate!.toISOString(),
  }));
}

async function look(manifest: Manifest, feed: Feed): Promise<Found> {
  const newestUpload = await manifest.newestUpload(feed.customer, feed.dataset);
  const declared = Date.parse(feed.declared);
  const time = feed.expectedMinutes * MINUTE;
  const end = newestUpload ? Math.max(Date.parse(newestUpload) + time, declared) : declared + time;
  return { ...feed, newestUpload, silentSince: end <= Date.now() ? new Date(end).toISOString() : undefined };
}

function row({ customer, dataset, expectedMinutes, newestUpload, silentSince }: Found): string[] {
  const every = expectedMinutes % 60 ? `${expectedMinutes} min` : `${expectedMinutes / 60} h`;
  const since = silentSince ? `${local(silentSince)} (${ago(new Date(silentSince))})` : '';
  return [customer, dataset, every, newestUpload ? local(newestUpload) : 'none', since];
}
