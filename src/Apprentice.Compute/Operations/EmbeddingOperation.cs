namespace Apprentice.Compute;

/// <summary>Rows of a table picked by number: y[i] = table[ids[i]].</summary>
public static unsafe class EmbeddingOperation
{
    /// <summary>Sum of the rows of several tables, one pick a table and output row: word + position + type.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="tables">Tables, each [entries, width] with one width.</param>
    /// <param name="ids">For each table the entry of every output row.</param>
    /// <returns>[ids, width].</returns>
    /// <exception cref="ArgumentException">Sizes differ, or an id is outside its table.</exception>
    public static Tensor Embedding(this Tape tape, IReadOnlyList<Parameter> tables, IReadOnlyList<int[]> ids)
    {
        int rows = ids[0].Length;
        int width = tables[0].Columns;
        bool requiresGradient = false;
        for (int t = 0; t < tables.Count; t++)
        {
            if (tables[t].Columns != width || ids[t].Length != rows)
            {
                throw new ArgumentException($"Embedding: table '{tables[t].Name}' has width {tables[t].Columns} and {ids[t].Length} ids; expected width {width} and {rows} ids.");
            }

            int entries = tables[t].Rows;
            foreach (int id in ids[t])
            {
                if ((uint)id >= (uint)entries)
                {
                    throw new ArgumentException($"Embedding: id {id} is outside table '{tables[t].Name}' with {entries} entries.");
                }
            }

            requiresGradient |= tables[t].Trainable;
        }

        Tensor y = tape.Allocate(rows, width, requiresGradient);
        for (int i = 0; i < rows; i++)
        {
            Span<float> row = y.Row(i);
            new ReadOnlySpan<float>(tables[0].Data + ((long)ids[0][i] * width), width).CopyTo(row);
            for (int t = 1; t < tables.Count; t++)
            {
                RowOperations.AddScaled(tables[t].Data + ((long)ids[t][i] * width), 1, y.Data + ((long)i * width), width);
            }
        }

        if (y.RequiresGradient)
        {
            tape.Record(new EmbeddingBackward(tables, ids, y));
        }

        return y;
    }

    /// <remarks>Rows are added one after the other, so the sum of a table row has one order whatever the thread count.</remarks>
    private sealed class EmbeddingBackward(IReadOnlyList<Parameter> tables, IReadOnlyList<int[]> ids, Tensor y) : Operation
    {
        public override void Backward(Tape tape)
        {
            if (y.Gradient is null)
            {
                return;
            }

            for (int t = 0; t < tables.Count; t++)
            {
                if (!tables[t].Trainable)
                {
                    continue;
                }

                float* gradient = tables[t].Gradient;
                for (int i = 0; i < y.Rows; i++)
                {
                    RowOperations.AddScaled(y.Gradient + ((long)i * y.Columns), 1, gradient + ((long)ids[t][i] * y.Columns), y.Columns);
                }
            }
        }
    }
}
