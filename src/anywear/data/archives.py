"""Checksum and size of the archives this project keeps its free data in, ``NAME.tar.xz``; some hold a part of a set."""

from __future__ import annotations

PROJECT_ARCHIVES: dict[str, tuple[str, int]] = {
    "basicmotions": ("079d3eb0c6cd4ec0650ab6883c219af1079fedc01fd2400454aac56ae714f768", 147708),
    "broad": ("27cde61e37b7527d883a85d9085ec7067c973cdee608b202e3949680f02de201", 14645044),
    "cmu-actions": ("733c2549ade71b6c52ab1a85a1160ac06a2b6b8eac127c1b0deb61822cfe0c34", 8993320),
    "cmu-dance-martial": ("cac499c2b9497c1110cc7cf7b582363b36b8303a908baccd74ec3c948fdcf017", 8481400),
    "cmu-deepmimic": ("a65dabc2f5d0ad4486ffb54bf70ed851b09bb3e7e41c2f92cb1503773d9adecc", 3704244),
    "cmu-iclone": ("42b2f5e6ee261da65b7093f7a132914ab6d5ee58eb33067661f9bbdaadd236ea", 17469432),
    "cmu-join": ("cdd6ab36db57a8b016968b1b75fc749be9860c16d27d03c5b331a1b2740bb09b", 4944),
    "cmu-mocap6": ("c1032b67e8f9b68e2d7c9ea1bcca2fa77cf4b0ce14652b3e61af964a32a6b683", 3711384),
    "dsads": ("cbff1ee213f6d80a3febc4ef67c2a8827784e0bee5c0affb13dd653279c5bffe", 34614576),
    "hdm05": ("137a4fd70b030e9097acd2df684182b2686e92b380aaef8ab294d77cdd51996f", 13225228),
    "humanml3d-texts": ("b729ee6874955663bafdd6296ca02284fd410298d5a1e65ba1209a00c7ddfc48", 2811304),
    "imu-digits": ("95d367e9a55d2daa073c37c9fc83fb8db6dd7935b4ae263c445ebf24ae0cab79", 7903288),
    "kitml-texts": ("045e728e12c5c55046fc3501f24bf5f119d4336e079c842a8a02e735337dedea", 152344),
    "makehuman-cc0": ("ddd1ad2baea51a1d0008f9b09b06b9698070d1b126955a660c22df2e344ec17a", 4241688),
    "reactidle": ("1998610c4135354a2bd3b20d4d621bc0dab352af6cd9557ab4c05cb35a148a98", 3113288),
    "sisfall": ("d2f6ed461c0593a9044d5500c51035a3bb74352def015bb7434c70cf49d73e0d", 33296016),
    "sp-sw-har": ("f1500ceb1c878b80f6174d0f9ec1b81646d550dc6b48eccd730a74767922d042", 11325640),
    "uhh-gestures": ("996cd5d5bb5d8ef2ccd69ad41b350cfde89dedc49200301dbcbcddaa7469cc76", 2005104),
    "usc-had": ("0cbb866831e0f740b7dcb59d34f8c7f946328003493ed2f29d69c55818bb7963", 17189788),
    "utd-mhad": ("0a4a75bf30838e15b94b002a76d3aa51e52c9b72199b80549b0c3f9a6a32c489", 19522340),
}
