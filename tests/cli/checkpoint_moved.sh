# The state file names a place where nothing is any more.
copy_model
echo 'model_checkpoint_path: "/gone/long/ago/digits-1500"' >model/checkpoint
firn checkpoint list model | wc -l
echo 'model_checkpoint_path: "other"' >model/checkpoint
try firn checkpoint list model
echo 'all_model_checkpoint_paths: "digits-1500"' >model/checkpoint
try firn checkpoint list model
echo 'model_checkpoint_path: "digits' >model/checkpoint
try firn checkpoint list model
