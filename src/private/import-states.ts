import { Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { bucketPattern } from './naming';

/** Label of the map, part of the names of its runs. */
export const COPIES = 'Copies';
/** Objects that an Express child copies, all at once: the longest copy takes less than its five minutes. */
const BATCH = 20;
/** Keeps input and output of a child, which holds each key twice, within 256 KiB. */
const BATCH_BYTES = 64 * 1024;
/** Children at once: 200 copies. S3 takes 3,500 writes a second for a prefix, and the jobs work off far fewer. */
const CONCURRENCY = 10;
const CALL_SECONDS = 200;
/** Waits of up to 2, 4, … 32 seconds. */
const MOST_TRIES = 6;
/**
 * S3's refusals have one name, S3.S3Exception, so a Retry would try again what never succeeds. The SDK appends the
 * status to the message: https://github.com/aws/aws-sdk-java-v2, AwsServiceException.
 */
const IS_TEMPORARY = '/Status Code: (5|409|429)|SlowDown|reduce your request rate/';
const IS_PRECONDITION = '/Status Code: 412|pre-conditions you specified did not hold/';

export interface ImportStatesProps {
  readonly organization: string;
  readonly environment: string;
  /** Bucket with `ID/list.jsonl`, the input, and `ID/results/`, the output. */
  readonly reports: s3.IBucket;
}

/**
 * The states of an import. Its input is `id`, `customer`, `source` (a bucket) and `listed` (a number of objects). Each
 * line of the list is an object; one that has an `outcome` already is only passed on to the results.
 */
export function importStates(scope: Construct, props: ImportStatesProps): sfn.IChainable {
  const task = taskOf(scope);
  const count = new sfn.CustomState(scope, 'Count', {
    stateJson: {
      ...task('aws-sdk:sfn:describeMapRun', { MapRunArn: '{% $states.input.mapRun %}' }),
      Output: '{% $merge([$states.input, {"counts": $states.result.ItemCounts}]) %}',
    },
  }).addRetry({ maxAttempts: 5, jitterStrategy: sfn.JitterType.FULL });
  const fail = sfn.Fail.jsonata(scope, 'Incomplete', {
    error: 'ImportIncomplete',
    cause: '{% $string($states.input.listed) & " objects were listed, and the results have " '
      + '& $string($states.input.counts.Succeeded) & "; import again, which goes on where this one ended" %}',
  });
  const isWhole = '$states.input.counts.Total = $states.input.listed '
    + 'and $states.input.counts.Succeeded = $states.input.listed';
  const choice = sfn.Choice.jsonata(scope, 'IsEachObjectInTheResults')
    .when(sfn.Condition.jsonata(`{% ${isWhole} %}`), sfn.Succeed.jsonata(scope, 'Imported')).otherwise(fail);
  return new sfn.CustomState(scope, COPIES, { stateJson: copies(scope, props) }).next(count).next(choice);
}

function copies(scope: Construct, { reports, ...lake }: ImportStatesProps): object {
  const integration = (name: string) => `arn:${Stack.of(scope).partition}:states:::s3:${name}`;
  return {
    Type: 'Map',
    Label: COPIES,
    MaxConcurrency: CONCURRENCY,
    // The command lists: the map would list no bucket of another account or Region.
    ItemReader: {
      Resource: integration('getObject'),
      ReaderConfig: { InputType: 'JSONL' },
      Arguments: { Bucket: reports.bucketName, Key: '{% $states.input.id & "/list.jsonl" %}' },
    },
    ItemBatcher: {
      MaxItemsPerBatch: BATCH,
      MaxInputBytesPerBatch: BATCH_BYTES,
      BatchInput: { customer: '{% $states.input.customer %}', source: '{% $states.input.source %}' },
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      ...child(scope, bucketPattern(lake.organization, lake.environment)),
    },
    // A child that failed does not end the others: what it left is counted behind.
    ToleratedFailurePercentage: 100,
    ResultWriter: {
      Resource: integration('putObject'),
      Arguments: { Bucket: reports.bucketName, Prefix: '{% $states.input.id & "/results" %}' },
      WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' },
    },
    Output: '{% $merge([$states.input, {"mapRun": $states.result.MapRunArn}]) %}',
  };
}

/** A child's output is a list with each of its objects and what became of it. */
function child(scope: Construct, pattern: string): object {
  const given = '$states.input.BatchInput';
  const [before, behind] = pattern.split('*');
  return {
    StartAt: 'EachObject',
    States: {
      EachObject: {
        Type: 'Map',
        Items: '{% [$states.input.Items] %}',
        ItemSelector: {
          object: '{% $states.context.Map.Item.Value %}',
          target: `{% "${before}" & ${given}.customer & "${behind}" %}`,
          source: `{% ${given}.source %}`,
          tries: 1,
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'IsLeftOut',
          States: { ...copyOne(scope), ...whenFailed(scope) },
        },
        End: true,
      },
    },
  };
}

/** An object, with what became of it, and why. */
function ended(outcome: string, reason?: string): string {
  const why = reason ? `, "reason": ${reason}` : '';
  return `{% $merge([$states.input.object, {"outcome": "${outcome}"${why}}]) %}`;
}

function copyOne(scope: Construct): object {
  const key = '$replace($encodeUrlComponent($states.input.object.from), "%2F", "/")';
  const failed = { error: '{% $states.errorOutput %}', tries: '{% $states.input.tries %}' };
  const same = Object.fromEntries(['object', 'source', 'target'].map((name) => [name, `{% $states.input.${name} %}`]));
  return {
    IsLeftOut: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $exists($states.input.object.outcome) %}', Next: 'LeftOut' }],
      Default: 'Copy',
    },
    LeftOut: { Type: 'Pass', Output: '{% $states.input.object %}', End: true },
    Copy: {
      ...taskOf(scope)('aws-sdk:s3:copyObject', {
        Bucket: '{% $states.input.target %}',
        Key: '{% $states.input.object.to %}',
        IfNoneMatch: '*',
        CopySource: `{% $states.input.source & "/" & ${key} %}`,
        CopySourceIfMatch: '{% $states.input.object.etag %}',
        MetadataDirective: 'REPLACE',
        Metadata: { 'uploaded-at': '{% $states.input.object.uploadedAt %}' },
        TaggingDirective: 'COPY',
      }),
      Output: ended('copied'),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: { ...same, ...failed }, Next: 'WhatFailed' }],
      End: true,
    },
  };
}

function whenFailed(scope: Construct): object {
  const cause = '$states.input.error.Cause';
  const isTemporary = `($contains(${cause}, ${IS_TEMPORARY}) or $states.input.error.Error in `
    + '["States.Timeout", "S3.SdkClientException"])';
  const changed = '"the object has changed since it was listed: " & $states.errorOutput.Cause';
  return {
    WhatFailed: {
      Type: 'Choice',
      Choices: [
        { Condition: `{% $contains(${cause}, ${IS_PRECONDITION}) %}`, Next: 'IsSourceAsListed' },
        { Condition: `{% ${isTemporary} and $states.input.tries < ${MOST_TRIES} %}`, Next: 'WaitForNextTry' },
      ],
      Default: 'Failed',
    },
    // With jitter, so that what was throttled together does not come again together.
    WaitForNextTry: {
      Type: 'Wait',
      Seconds: '{% $ceil($random() * $power(2, $states.input.tries)) %}',
      Output: '{% $merge([$states.input, {"tries": $states.input.tries + 1}]) %}',
      Next: 'Copy',
    },
    Failed: {
      Type: 'Pass',
      Output: ended('failed', `$states.input.error.Error & ": " & ${cause}`),
      End: true,
    },
    // Either condition of the copy may have failed, and S3 does not say which.
    IsSourceAsListed: {
      ...taskOf(scope)('aws-sdk:s3:headObject', {
        Bucket: '{% $states.input.source %}',
        Key: '{% $states.input.object.from %}',
        IfMatch: '{% $states.input.object.etag %}',
      }),
      Output: ended('there already'),
      Retry: [{ ErrorEquals: ['States.Timeout', 'S3.SdkClientException'], MaxAttempts: 3 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Output: ended('failed', changed), Next: 'Changed' }],
      End: true,
    },
    Changed: { Type: 'Succeed' },
  };
}

function taskOf(scope: Construct) {
  return (action: string, Arguments: object) => ({
    Type: 'Task',
    Resource: `arn:${Stack.of(scope).partition}:states:::${action}`,
    TimeoutSeconds: CALL_SECONDS,
    Arguments,
  });
}
