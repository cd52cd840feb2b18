import { setTimeout } from 'timers/promises';
import {
  BatchWriteCommand, BatchWriteCommandInput, BatchWriteCommandOutput, DynamoDBDocumentClient, paginateScan,
} from '@aws-sdk/lib-dynamodb';

/** BatchWriteItem takes 25 items. */
const MOST_ITEMS = 25;
/** Milliseconds before items that DynamoDB has not processed are sent again: each wait is twice as long as the last. */
const [PAUSE, LONGEST_PAUSE] = [100, 5000];

/** Key of an item of the manifest. */
export interface ItemKey {
  readonly object: string;
  readonly version: string;
}

/** Keys of all items of a customer, page by page. */
export async function* keyPages(
  client: DynamoDBDocumentClient, TableName: string, customer: string,
): AsyncGenerator<ItemKey[]> {
  const pages = paginateScan({ client }, {
    TableName,
    FilterExpression: 'begins_with(#object, :customer)',
    ProjectionExpression: '#object, version',
    ExpressionAttributeNames: { '#object': 'object' },
    ExpressionAttributeValues: { ':customer': `${customer}#` },
    ConsistentRead: true,
  });
  for await (const { Items = [] } of pages) yield Items as ItemKey[];
}

export async function removeItems(client: DynamoDBDocumentClient, table: string, keys: ItemKey[]): Promise<void> {
  for (let at = 0; at < keys.length; at += MOST_ITEMS) {
    const requests = keys.slice(at, at + MOST_ITEMS).map(({ object, version }) => (
      { DeleteRequest: { Key: { object, version } } }));
    let RequestItems: BatchWriteCommandInput['RequestItems'] = { [table]: requests };
    for (let pause = PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const answer: BatchWriteCommandOutput = await client.send(new BatchWriteCommand({ RequestItems }));
      RequestItems = answer.UnprocessedItems ?? {};
      if (!Object.keys(RequestItems).length) break;
      await setTimeout(pause);
    }
  }
}
