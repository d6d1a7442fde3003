"""What is wrong with a workflow file that no schema can say."""
