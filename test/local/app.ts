/**
 * The quickstart, with those around it to whom it grants: roles in a stack of their own, as another team's would be.
 * Those of suppliers and partners are named by ARN in customers.json (people.py).
 */
import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { lake } from '../../examples/quickstart/app';

const stack = new Stack(lake.node.root as App, 'People');
const newRole = (roleName: string) => (
  new iam.Role(stack, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() }));
const [loader, reader, analyst] = ['loader', 'reader', 'analyst'].map(newRole);
['supplier', 'partner'].forEach((who) => ['acme', 'globex'].forEach((customer) => newRole(`${who}-${customer}`)));
lake.grantUpload('acme', loader);
lake.grantRead('acme', reader);
lake.grantQuery('acme', analyst);
