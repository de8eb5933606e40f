namespace Apprentice.Compute;

// Blocking: the sums are cut into stretches of KBlock places and the columns into stretches of NBlock; for each, both matrices
// are packed by all threads and then multiplied in pieces of about RowsPerPiece rows. Every element of C is the same sequence of
// additions whoever computes it, so the number of threads changes no bit.
public static unsafe partial class Gemm
{
    private const int KBlock = 256;
    private const int NBlock = 3072;
    private const int RowsPerPiece = 96;
    private const int ColumnsPerPiece = 192;

    /// <summary>Products below this many multiply-adds run on the calling thread: waking another one costs about as much.</summary>
    private const long ParallelThreshold = 128 * 1024;

    private static void Product(
        Workers workers, bool transposeA, bool transposeB, int m, int n, int k,
        float alpha, float* a, long lda, float* b, long ldb, float beta, float* bias, float* c, long ldc)
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        if ((long)m * n * k < ParallelThreshold)
        {
            workers = Workers.Single;
        }

        int lanes = Simd.Level switch { SimdLevel.Vector512 => 16, SimdLevel.Vector256 => 8, SimdLevel.Vector128 => 4, _ => 1 };
        int tileRows = lanes == 16 ? 8 : 6;
        int tileColumns = lanes == 16 ? 48 : 2 * lanes;
        int stretches = Math.Max(1, (k + KBlock - 1) / KBlock);
        int stretch = Math.Max(1, (k + stretches - 1) / stretches);
        int rowPanels = (m + tileRows - 1) / tileRows;
        float* packedA = Scratch.Get(ScratchPlace.GemmA, (long)rowPanels * tileRows * stretch);
        float* packedB = Scratch.Get(ScratchPlace.GemmB, ((long)Math.Min(n, NBlock) + tileColumns) * stretch);

        for (int column = 0; column < n; column += NBlock)
        {
            int columns = Math.Min(NBlock, n - column);
            for (int first = 0; first == 0 || first < k; first += stretch)
            {
                int places = Math.Min(stretch, k - first);
                GemmWork work = new()
                {
                    Lanes = lanes,
                    TileRows = tileRows,
                    TileColumns = tileColumns,
                    M = m,
                    N = columns,
                    K = places,
                    AcrossA = transposeA,
                    AcrossB = !transposeB,
                    A = transposeA ? a + (first * lda) : a + first,
                    B = transposeB ? b + (column * ldb) + first : b + (first * ldb) + column,
                    Lda = lda,
                    Ldb = ldb,
                    PackedA = packedA,
                    PackedB = packedB,
                    C = c + column,
                    Ldc = ldc,
                    Alpha = alpha,
                    Beta = first == 0 ? beta : 1,
                    Bias = bias is null || first + places < k ? null : bias + column,
                };
                work.Plan();
                workers.Run(work.PackPieces, new PackWork { Gemm = work });
                workers.Run(work.MultiplyPieces, work);
            }
        }
    }

    /// <summary>Packs pieces of both matrices.</summary>
    private struct PackWork : IBlockWork
    {
        public GemmWork Gemm;

        public readonly void Run(int block) => Gemm.Pack(block);
    }

    /// <summary>One stretch of a product.</summary>
    private struct GemmWork : IBlockWork
    {
        public int Lanes, TileRows, TileColumns, M, N, K;
        public bool AcrossA, AcrossB;
        public float* A, B, PackedA, PackedB, C, Bias;
        public long Lda, Ldb, Ldc;
        public float Alpha, Beta;
        public int PackPieces, MultiplyPieces;
        private int _rowPanels, _columnPanels, _rowPanelsPerPiece, _columnPanelsPerPiece, _columnPieces, _packPiecesOfA;
        private int _panelsPerPackOfA, _panelsPerPackOfB;

        public void Plan()
        {
            _rowPanels = (M + TileRows - 1) / TileRows;
            _columnPanels = (N + TileColumns - 1) / TileColumns;
            _rowPanelsPerPiece = RowsPerPiece / TileRows;
            _columnPanelsPerPiece = Math.Max(1, ColumnsPerPiece / TileColumns);
            _columnPieces = (_columnPanels + _columnPanelsPerPiece - 1) / _columnPanelsPerPiece;
            int rowPieces = (_rowPanels + _rowPanelsPerPiece - 1) / _rowPanelsPerPiece;
            MultiplyPieces = rowPieces * _columnPieces;

            // About 16k values a piece: large against the cost of claiming a piece, small against the whole.
            _panelsPerPackOfA = Math.Max(1, 16384 / Math.Max(1, TileRows * K));
            _panelsPerPackOfB = Math.Max(1, 16384 / Math.Max(1, TileColumns * K));
            _packPiecesOfA = (_rowPanels + _panelsPerPackOfA - 1) / _panelsPerPackOfA;
            PackPieces = _packPiecesOfA + ((_columnPanels + _panelsPerPackOfB - 1) / _panelsPerPackOfB);
        }

        public readonly void Pack(int block)
        {
            if (block < _packPiecesOfA)
            {
                int end = Math.Min(_rowPanels, (block + 1) * _panelsPerPackOfA);
                for (int panel = block * _panelsPerPackOfA; panel < end; panel++)
                {
                    int row = panel * TileRows;
                    PackPanel(
                        AcrossA, AcrossA ? A + row : A + (row * Lda), Lda, Math.Min(TileRows, M - row), TileRows, K,
                        PackedA + ((long)row * K));
                }

                return;
            }

            block -= _packPiecesOfA;
            int last = Math.Min(_columnPanels, (block + 1) * _panelsPerPackOfB);
            for (int panel = block * _panelsPerPackOfB; panel < last; panel++)
            {
                int column = panel * TileColumns;
                int filled = Math.Min(TileColumns, N - column);
                PackPanel(
                    AcrossB, AcrossB ? B + column : B + (column * Ldb), Ldb, filled, PanelWidth(filled), K,
                    PackedB + ((long)column * K));
            }
        }

        public readonly void Run(int block)
        {
            switch (Lanes)
            {
                case 16:
                    Multiply<Lanes512>(block);
                    break;
                case 8:
                    Multiply<Lanes256>(block);
                    break;
                case 4:
                    Multiply<Lanes128>(block);
                    break;
                default:
                    Multiply<LanesScalar>(block);
                    break;
            }
        }

        private readonly void Multiply<L>(int block)
            where L : struct, ILanes<L>
        {
            int firstRow = block / _columnPieces * _rowPanelsPerPiece;
            int endRow = Math.Min(_rowPanels, firstRow + _rowPanelsPerPiece);
            int firstColumn = block % _columnPieces * _columnPanelsPerPiece;
            int endColumn = Math.Min(_columnPanels, firstColumn + _columnPanelsPerPiece);
            float* edge = stackalloc float[8 * 48];
            for (int columnPanel = firstColumn; columnPanel < endColumn; columnPanel++)
            {
                int column = columnPanel * TileColumns;
                int columns = Math.Min(TileColumns, N - column);
                int width = PanelWidth(columns);
                float* b = PackedB + ((long)column * K);
                for (int rowPanel = firstRow; rowPanel < endRow; rowPanel++)
                {
                    int row = rowPanel * TileRows;
                    int rows = Math.Min(TileRows, M - row);
                    float* a = PackedA + ((long)row * K);
                    float* c = C + (row * Ldc) + column;
                    if (rows == TileRows && columns == width)
                    {
                        Tile<L>(width, a, b, new TileTarget(Ldc, Alpha, Beta, Bias is null ? null : Bias + column), c);
                    }
                    else
                    {
                        Tile<L>(width, a, b, new TileTarget(width, Alpha, 0, null), edge);
                        CopyEdge(edge, width, rows, columns, column, c);
                    }
                }
            }
        }

        private readonly void CopyEdge(float* edge, int width, int rows, int columns, int column, float* c)
        {
            for (int i = 0; i < rows; i++, edge += width, c += Ldc)
            {
                for (int j = 0; j < columns; j++)
                {
                    float sum = edge[j];
                    if (Beta != 0)
                    {
                        sum += Beta * c[j];
                    }

                    c[j] = Bias is null ? sum : sum + Bias[column + j];
                }
            }
        }

        private readonly void Tile<L>(int width, float* a, float* b, in TileTarget target, float* c)
            where L : struct, ILanes<L>
        {
            switch (TileRows, width / L.Count)
            {
                case (8, 3):
                    Tile8x3<L>(K, a, b, target, c);
                    break;
                case (8, 2):
                    Tile8x2<L>(K, a, b, target, c);
                    break;
                case (8, 1):
                    Tile8x1<L>(K, a, b, target, c);
                    break;
                case (6, 2):
                    Tile6x2<L>(K, a, b, target, c);
                    break;
                default:
                    Tile6x1<L>(K, a, b, target, c);
                    break;
            }
        }

        /// <summary>Columns of a panel rounded up to whole registers.</summary>
        private readonly int PanelWidth(int columns) => (columns + Lanes - 1) / Lanes * Lanes;
    }
}
