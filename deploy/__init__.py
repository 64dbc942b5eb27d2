"""How Trellis is put on machines: the local runner, the images and the charts."""
