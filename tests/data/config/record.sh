#!/bin/sh
# Records anew: record.sh DIR, where DIR has a folder 3.9.1, 4.1.0 and 4.3.0 each with that Kafka's jars.
# The last column of a line says which versions answered so.
set -eu
jars=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
for version in 3.9.1 4.1.0 4.3.0; do
    name=${version%.*}
    mkdir "$work/$version"
    javac -cp "$jars/$version/*" -d "$work/$version" "$here/Recorder.java"
    for what in definitions producers consumers topics; do
        java -cp "$work/$version:$jars/$version/*" Recorder $what > "$work/$what-$name" 2> "$work/log"
    done
done
for what in definitions producers consumers topics; do
    (cd "$work" && awk '
        { file = FILENAME; sub(/.*-/, "", file)
          if (!($0 in versions)) { order[++count] = $0; versions[$0] = file }
          else if (index("," versions[$0] ",", "," file ",") == 0) versions[$0] = versions[$0] "," file }
        END { for (i = 1; i <= count; i++) print order[i] "\t" versions[order[i]] }
    ' "$what-3.9" "$what-4.1" "$what-4.3") > "$here/$what.tsv"
done
java -cp "$work/4.3.0:$jars/4.3.0/*" Recorder properties > "$here/properties.jsonl"
rm -r "$work"
