firn help
for command in inspect freeze run "checkpoint list" "checkpoint get" ops version; do
  firn help $command
done
