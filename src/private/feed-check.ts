import { Duration, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { BY_DATASET } from '../manifest';

/** Parameters that SSM returns at once, at most. */
const PAGE = 10;
/** Iterations of a map that Step Functions runs at once, at most. */
const CONCURRENCY = 40;
/** Datasets that a check names, since the data of a state is limited to 256 KiB. The metric counts all. */
const MOST_NAMED = 500;
const CALL_SECONDS = 10;
const RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(2),
  maxAttempts: 3,
  backoffRate: 3,
  jitterStrategy: sfn.JitterType.FULL,
};
/** The time for which the check was scheduled; the present if somebody has started it. */
const NOW = '($at := $states.context.Execution.Input.scheduledTime; $exists($at) ? $toMillis($at) : $millis())';

export interface FeedCheckProps {
  readonly organization: string;
  readonly environment: string;
  readonly manifest: dynamodb.ITable;
  readonly alarmTopic: sns.ITopic;
  /** Path of the customers' parameters. */
  readonly path: string;
  readonly metric: { readonly namespace: string; readonly metricName: string; readonly lake: string };
  /** Time between two checks. */
  readonly interval: Duration;
}

/** The states of the check for silent feeds. Its output names them; those that have just fallen silent get a notice. */
export function feedCheck(scope: Construct, props: FeedCheckProps): sfn.IChainable {
  const when = (condition: string) => sfn.Condition.jsonata(`{% ${condition} %}`);
  const begin = sfn.Pass.jsonata(scope, 'Begin', { outputs: { silent: [], fresh: [], count: 0, next: false } });
  const list = listFeeds(scope, props);
  const each = eachFeed(scope).itemProcessor(newestUpload(scope, props));
  const done = sfn.Pass.jsonata(scope, 'Checked', {
    outputs: { count: '{% $states.input.count %}', silent: '{% [$states.input.silent] %}' },
  });
  const tell = sfn.Choice.jsonata(scope, 'HasAnyFallenSilent')
    .when(when('$count($states.input.fresh) > 0'), notify(scope, props).next(done)).otherwise(done);
  const more = sfn.Choice.jsonata(scope, 'AreThereMore')
    .when(when('$states.input.next != false'), list).otherwise(putMetric(scope, props).next(tell));
  return begin.next(list).next(each).next(more);
}

/** A page of declarations as a list of datasets. */
function listFeeds(scope: Construct, { path }: FeedCheckProps): sfn.CustomState {
  const page = JSON.stringify({ Path: path, MaxResults: PAGE });
  const feed = '{"customer": $customer, "dataset": $dataset, "minutes": $minutes, "since": $since}';
  const feeds = '$states.result.Parameters.($customer := $split(Name, "/")[-1]; $since := LastModifiedDate; '
    + `$each($parse(Value), function($minutes, $dataset) { ${feed} }))`;
  return call(scope, 'ListFeeds', 'ssm:getParametersByPath', {
    // A member whose expression has no value is an error, so the token is there only if there is one.
    Arguments: `{% $merge([${page}, $states.input.next != false ? {"NextToken": $states.input.next} : {}]) %}`,
    Output: {
      silent: '{% [$states.input.silent] %}',
      fresh: '{% [$states.input.fresh] %}',
      count: '{% $states.input.count %}',
      feeds: `{% [${feeds}] %}`,
      next: '{% $exists($states.result.NextToken) ? $states.result.NextToken : false %}',
    },
  });
}

function eachFeed(scope: Construct): sfn.Map {
  const named = (texts: string) => `{% [$filter([${texts}], function($text, $at) { $at < ${MOST_NAMED} })] %}`;
  return sfn.Map.jsonata(scope, 'EachFeed', {
    items: sfn.ProvideItems.jsonata('{% [$states.input.feeds] %}'),
    maxConcurrency: CONCURRENCY,
    outputs: {
      silent: named('$states.input.silent, $states.result.feed'),
      fresh: named('$states.input.fresh, $states.result[isFresh].feed'),
      count: '{% $states.input.count + $count($states.result.feed) %}',
      next: '{% $states.input.next %}',
    },
  });
}

/** A feed's time begins with its newest upload. It never ends before the feed was declared. */
function newestUpload(scope: Construct, { manifest, interval }: FeedCheckProps): sfn.CustomState {
  const ends = '$last := $states.result.Items[0].uploaded_at.S; $minutes := $states.input.minutes; '
    + '$declared := $toMillis($states.input.since); '
    + '$ends := $exists($last) ? $max([$toMillis($last) + 60000 * $minutes, $declared]) '
    + ': $declared + 60000 * $minutes';
  const text = '$states.input.customer & "/" & $states.input.dataset & ": no upload since " '
    + '& ($exists($last) ? $last : "it was declared, " & $states.input.since) & ", expected every " '
    + '& ($minutes % 60 = 0 ? $string($minutes / 60) & " h" : $string($minutes) & " min")';
  return call(scope, 'NewestUpload', 'dynamodb:query', {
    Arguments: {
      TableName: manifest.tableName,
      IndexName: BY_DATASET,
      KeyConditionExpression: 'customer_dataset = :feed',
      ExpressionAttributeValues: { ':feed': { S: '{% $states.input.customer & "#" & $states.input.dataset %}' } },
      ScanIndexForward: false,
      Limit: 1,
    },
    Output: `{% (${ends}; $now := ${NOW}; $ends <= $now ? `
      + `{"feed": ${text}, "isFresh": $ends > $now - ${interval.toMilliseconds()}} : {}) %}`,
  });
}

function putMetric(scope: Construct, { metric }: FeedCheckProps): sfn.CustomState {
  const Dimensions = [{ Name: 'Lake', Value: metric.lake }];
  const datum = { MetricName: metric.metricName, Dimensions, Value: '{% $states.input.count %}', Unit: 'Count' };
  return call(scope, 'CountSilentFeeds', 'cloudwatch:putMetricData', {
    Arguments: { Namespace: metric.namespace, MetricData: [datum] },
    Output: '{% $states.input %}',
  });
}

function notify(scope: Construct, { alarmTopic, organization, environment }: FeedCheckProps): sfn.CustomState {
  const all = `npx modern-data-lake silent --organization ${organization} --environment ${environment}`;
  return call(scope, 'Notify', 'sns:publish', {
    Arguments: {
      TopicArn: alarmTopic.topicArn,
      Subject: 'Data lake: uploads have stopped',
      Message: `{% $join([$states.input.fresh], "\\n") & "\\n\\nAll silent feeds: ${all}" %}`,
    },
    Output: '{% $states.input %}',
  });
}

/** A call of the AWS SDK. The CDK's tasks take neither a condition for the permission nor one expression for all. */
function call(
  scope: Construct, id: string, action: string, state: { readonly Arguments: unknown; readonly Output: unknown },
): sfn.CustomState {
  const Resource = `arn:${Stack.of(scope).partition}:states:::aws-sdk:${action}`;
  const stateJson = { Type: 'Task', Resource, TimeoutSeconds: CALL_SECONDS, ...state };
  return new sfn.CustomState(scope, id, { stateJson }).addRetry(RETRY);
}
