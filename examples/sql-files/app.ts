import { App } from 'aws-cdk-lib';
import { SqlFilesStack } from './sql-files-stack';

const app = new App();
new SqlFilesStack(app, 'SqlFiles');
