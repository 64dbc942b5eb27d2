"""What a cluster needs beside the chart: secrets to begin with, and the databases' roles."""
