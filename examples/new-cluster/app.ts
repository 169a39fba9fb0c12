import { App } from 'aws-cdk-lib';
import { NewClusterStack } from './new-cluster-stack';

const app = new App();
new NewClusterStack(app, 'NewCluster');
