namespace Apprentice.Models;

/// <summary>Finds the weights in a checkpoint folder.</summary>
public static class Checkpoint
{
    /// <summary>Opens model.safetensors, else the files that model.safetensors.index.json names.</summary>
    /// <param name="folder">Folder of the checkpoint.</param>
    /// <exception cref="CheckpointException">Neither is there, or it is malformed.</exception>
    public static ITensorSource Open(string folder)
    {
        string single = Path.Combine(folder, "model.safetensors");
        if (File.Exists(single))
        {
            return SafetensorsFile.Open(single);
        }

        string index = single + ".index.json";
        return File.Exists(index)
            ? ShardedSafetensors.Open(index)
            : throw new CheckpointException(folder, "there is no model.safetensors and no model.safetensors.index.json.");
    }
}
